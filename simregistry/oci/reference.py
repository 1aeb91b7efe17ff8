"""References: how people name images, ``registry/repository:tag@digest``, by the distribution project's grammar.

    reference   := name [ ":" tag ] [ "@" digest ]
    name        := [ domain "/" ] component *( "/" component )
    domain      := host [ ":" port ]
    component   := [a-z0-9]+ *( ( "." | "_" | "__" | *"-" ) [a-z0-9]+ )
    tag         := [A-Za-z0-9_] [A-Za-z0-9_.-]{0,127}

Subtle: nothing in a reference says whether its first part is a host. Docker's rule decides. The part is a host if it
contains a dot or a colon, is ``localhost``, or has an upper-case letter. If not, it belongs to a repository of Docker
Hub.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"
# Docker Hub's official images are in library/, which people leave out: python is library/python.
OFFICIAL = "library"
LONGEST_NAME = 255

COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
HOST = re.compile(rf"(?:{LABEL}(?:\.{LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{{1,5}})?")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an image is, and which one it is: by a tag, a digest, or both.

    >>> str(Reference.parse("python")), Reference.parse("docker.io/library/python:latest").familiar
    ('docker.io/library/python:latest', 'python:latest')
    """

    registry: str
    repository: str
    tag: str = ""
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference as ``docker pull`` does, or raise InvalidValue that says which rule it breaks."""
        _check_shape(text)
        name, tag, digest = _split(text)
        registry, path = _split_domain(name)
        if registry == DEFAULT_REGISTRY and "/" not in path:
            path = f"{OFFICIAL}/{path}"
        _check_name(text, registry, path)
        if tag is not None and not TAG.fullmatch(tag):
            rule = "a tag is letters, digits, _ . - with a letter, digit or _ first, at most 128 of them"
            raise InvalidValue("reference", text, f"bad tag {tag[:140]!r}: {rule}")
        checked = _digest(text, digest) if digest is not None else None
        # Without a tag, latest is meant; but not beside a digest, which says already which image it is.
        return cls(registry, path, tag or ("" if checked else DEFAULT_TAG), checked)

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar(self) -> str:
        """The short form that Docker prints: without Docker Hub and ``library/``, if it is read back as the same."""
        if self.registry != DEFAULT_REGISTRY:
            return str(self)
        inside = self.repository.removeprefix(f"{OFFICIAL}/")
        short = inside if "/" not in inside else self.repository
        # Subtle: docker.io/a.b/c without its host would be the repository c of a registry a.b.
        host = f"{self.registry}/" if _looks_like_host(*short.partition("/")[:2]) else ""
        return host + short + self._suffix()

    def with_tag(self, tag: str) -> Reference:
        """Refer to another tag of the same repository, without a digest."""
        return replace(Reference.parse(f"{self.name}:{tag}"))

    def with_digest(self, digest: Digest) -> Reference:
        """Refer to a digest of the same repository. No push can move it, as it can a tag."""
        return replace(self, tag="", digest=Digest(digest))

    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.name + self._suffix()


def is_repository_name(name: str) -> bool:
    """Say whether a registry could have a repository of this name: ``name`` of the grammar, with its domain.

    >>> is_repository_name("team/web"), is_repository_name("Team")
    (True, False)
    """
    first, *rest = name.split("/")
    fits = bool(COMPONENT.fullmatch(first)) or (bool(rest) and bool(HOST.fullmatch(first)))
    return fits and all(COMPONENT.fullmatch(part) for part in rest) and len(name) <= LONGEST_NAME


def _check_shape(text: object) -> None:
    """Refuse what is no reference at all, and name the likely slip."""
    if not isinstance(text, str):
        raise InvalidValue("reference", text, "must be a string, such as python:3.13")
    slips = (
        (not text, "is empty; write a repository, such as python"),
        (len(text) > 4096, "is far too long"),
        ("://" in text, "has a URL scheme; leave https:// out"),
        (text != text.strip() or any(ch.isspace() for ch in text), "has a space in it"),
        (text.endswith("/"), "ends in a slash; a repository name is missing after it"),
        (re.fullmatch(r"[a-f0-9]{64}", text) is not None, "is an image ID, not a name: 64 hexadecimal digits"),
    )
    for slipped, rule in slips:
        if slipped:
            raise InvalidValue("reference", text, rule)


def _split(text: str) -> tuple[str, str | None, str | None]:
    """Cut name, tag and digest apart. A colon after the last slash begins a tag, a colon before it a port."""
    rest, at, digest = text.partition("@")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    return head + slash + last, tag if colon else None, digest if at else None


def _split_domain(name: str) -> tuple[str, str]:
    """Cut registry and repository apart; without a registry, Docker Hub is meant."""
    first, slash, rest = name.partition("/")
    if not _looks_like_host(first, slash):
        return DEFAULT_REGISTRY, name
    return (DEFAULT_REGISTRY if first == "index.docker.io" else first), rest


def _looks_like_host(first: str, slash: str) -> bool:
    """Say whether the first part of a name is a host, by Docker's rule."""
    return bool(slash) and ("." in first or ":" in first or first == "localhost" or first != first.lower())


def _check_name(text: str, registry: str, path: str) -> None:
    """Raise InvalidValue for a registry or a repository that the grammar doesn't allow."""
    if not HOST.fullmatch(registry):
        raise InvalidValue(
            "reference", text, f"bad registry {registry!r}: a host name, and a port after a colon if any"
        )
    for component in path.split("/"):
        if COMPONENT.fullmatch(component):
            continue
        if not component:
            rule = "a part of the repository name is empty; look for // or for a name that begins with a slash or colon"
        elif component != component.lower():
            rule = f"repository names are lower case: write {component.lower()!r} for {component!r}"
        else:
            rule = f"bad part {component!r}: lower-case letters and digits, with . _ __ or - between them"
        raise InvalidValue("reference", text, rule)
    # The reference grammar counts host, slash and path (distribution/reference: "repository name must not be more
    # than 255 characters").
    if len(path) > LONGEST_NAME:
        raise InvalidValue("reference", text, f"the repository name has {len(path)} characters; 255 is the most")


def _digest(text: str, digest: str) -> Digest:
    """Check the digest of a reference, and name the whole reference in the error."""
    try:
        return Digest(digest)
    except InvalidValue as error:
        raise InvalidValue("reference", text, f"bad digest: {error.rule}") from None
