"""Scopes: what a token is asked for and what it grants, ``repository:NAME:pull,push`` (distribution, "Token Scope")."""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.errors import InvalidValue
from simregistry.oci.messages import Request
from simregistry.registry.api import routes
from simregistry.registry.middleware.accounts import DELETE, PULL, PUSH

CATALOGUE = "registry:catalog:*"
MOST = 100
NEEDED = {"GET": (PULL,), "HEAD": (PULL,), "DELETE": (DELETE,)}


@dataclass(frozen=True, slots=True)
class Scope:
    """A kind of thing, its name, and what may be done with it.

    >>> str(Scope.parse("repository:team/app:pull,push"))
    'repository:team/app:pull,push'
    """

    kind: str
    name: str
    actions: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Read one scope, or raise InvalidValue; the name may hold colons, as a host with a port does."""
        kind, _, rest = text.partition(":")
        name, _, actions = rest.rpartition(":")
        if not (kind and name):
            raise InvalidValue("scope", text, "write kind:name:action,action")
        return cls(kind, name, tuple(dict.fromkeys(action for action in actions.split(",") if action)))

    @classmethod
    def parse_all(cls, text: str) -> tuple[Scope, ...]:
        """Read a list of scopes divided by spaces (RFC 6749, section 3.3)."""
        words = text.split()
        if len(words) > MOST:
            raise InvalidValue("scope", f"{len(words)} scopes", f"at most {MOST} are granted at once")
        return tuple(cls.parse(word) for word in words)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}:{','.join(self.actions)}"


def needed(request: Request) -> tuple[Scope, ...]:
    """List the scopes that a request needs; none for the ping, and the catalogue's own scope for the catalogue.

    CNCF distribution, registry/handlers/app.go, appendAccessRecords: GET and HEAD need pull, POST, PUT and PATCH pull
    and push, DELETE delete; a mount needs pull on the repository that it mounts from as well.

    >>> mount = Request("POST", "/v2/app/blobs/uploads/", {"mount": "sha256:…", "from": "other"})
    >>> [str(scope) for scope in needed(mount)]
    ['repository:app:pull,push', 'repository:other:pull']
    """
    endpoint, names = routes.match(request)
    if endpoint is not None and endpoint.path == "/v2/_catalog":
        return (Scope.parse(CATALOGUE),)
    # Subtle: the API's own reading of the path. A gate that read paths in its own way would check the rights to one
    # repository while the API serves another.
    if "name" not in names:
        return ()
    scopes = [Scope("repository", names["name"], NEEDED.get(request.method, (PULL, PUSH)))]
    # A name that no repository can have is nothing to mount from: the upload begins then.
    source = request.query.get("from", "")
    if routes.is_name(source) and request.method == "POST":
        scopes.append(Scope("repository", source, (PULL,)))
    return tuple(scopes)
