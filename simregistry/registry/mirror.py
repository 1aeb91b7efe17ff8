"""Registries that stand before others: a pull-through cache before one, a group before several.

1. A digest names its content for ever, so what is cached by digest is never asked for again; a tag may have moved, so
   it is checked: each time, or when the last check is old enough.
2. The check is a HEAD, which no pull limit counts; what has changed is then fetched by GET.
3. An upstream that is down or says "too many" is no reason to fail, as long as there is a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from simregistry.errors import DigestMismatch, InvalidValue, Unsupported
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import parse_manifest
from simregistry.oci.media_types import ACCEPT
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.api.refusal import refused
from simregistry.registry.clock import Clock, Now
from simregistry.registry.storage.storage import Storage

READS = ("GET", "HEAD")
# RFC 9110, section 15.6.4: what a front end answers where there is neither upstream nor copy.
UNAVAILABLE = 503


class Upstream(Protocol):
    """A registry to ask: anything that answers requests."""

    def handle(self, request: Request) -> Response:
        """Answer, or raise ConnectionError where it cannot be reached."""
        ...


@dataclass(slots=True)
class PullThrough:
    """A cache before one registry. It is pulled from and never pushed to.

    ``recheck`` is how old (seconds) the last check of a tag may be, ``negative`` how long "not found" is remembered,
    ``expiry`` when a copy that was fetched is dropped; 0 is never. ``peer`` is the address that the upstream sees.
    """

    upstream: Upstream
    host: str = "cache.example"
    clock: Now = field(default_factory=Clock, repr=False)
    recheck: float = 0
    negative: float = 0
    expiry: float = 0
    peer: str = ""
    storage: Storage = field(default_factory=Storage, repr=False)
    # What was asked of the upstream, in order: what a cache is there to save.
    asked: list[Request] = field(default_factory=list, repr=False)
    # By path: when a tag was last checked, when something was last found missing, and when a copy came.
    _checked: dict[str, float] = field(default_factory=dict, repr=False)
    _missing: dict[str, float] = field(default_factory=dict, repr=False)
    _came: dict[str, float] = field(default_factory=dict, repr=False)

    def handle(self, request: Request) -> Response:
        """Answer from the copy where that will do, else ask the upstream."""
        endpoint, parts = routes.match(request)
        # What would be written here would be missing in the registry behind, where everybody else looks.
        if request.method not in READS:
            return refused(Unsupported("this is a cache: push to the registry behind it"), request)
        # The ping, the catalogue, and what is no endpoint at all: the cache can answer these itself.
        if endpoint is None or "name" not in parts:
            return routes.handle(self.storage, request)
        # Expired copies are dropped when somebody comes: nothing here runs by itself.
        self._drop_expired()
        try:
            if "reference" in parts:
                return self._manifest(request, parts["name"], parts["reference"])
            if "digest" in parts and "/blobs/" in request.path:
                return self._blob(request, parts["name"])
        except (DigestMismatch, InvalidValue) as error:
            # RFC 9110, section 15.6.3, Bad Gateway: the server behind this one sent something invalid.
            return refused(Unsupported(f"the registry behind this one: {error}", status=502), request)
        # Lists of tags and of referrers change at any time, so they always come from the upstream.
        return self._ask(request)

    def _manifest(self, request: Request, name: str, reference: str) -> Response:
        # 1. The copy will do, if it was asked for by digest, which never changes, or if the tag was checked lately.
        local = routes.handle(self.storage, request)
        if local.ok and (":" in reference or self._fresh(request.path)):
            return local
        # 2. It was not there a moment ago. An empty registry's answer says so in the right words.
        if self._known_missing(request.path):
            return routes.handle(Storage(), request)
        # 3. Has the tag moved? A HEAD says what it points at, and costs no pull.
        headers = {"Accept": request.header("Accept") or ACCEPT}
        if local.ok:
            head = self._ask(Request("HEAD", request.path, {}, headers))
            # Subtle: a 404 is an answer (the tag was deleted), and any other failure is none: then the copy will do.
            if not head.ok and head.status != 404:
                return local
            if head.header("Docker-Content-Digest") == local.header("Docker-Content-Digest"):
                self._checked[request.path] = self.clock()
                return local
        # 4. Fetch it, and answer from the copy: so the second pull gets the very answer that the first one got.
        fetched = self._ask(Request("GET", request.path, {}, headers))
        if fetched.ok:
            self._keep_manifest(name, reference, fetched, request.path)
            return routes.handle(self.storage, request)
        if fetched.status == 404:
            self._missing[request.path] = self.clock()
            return fetched
        # The pull limit, or a failure between HEAD and GET: an old copy is better than none.
        return local if local.ok else fetched

    def _keep_manifest(self, name: str, reference: str, fetched: Response, path: str) -> None:
        raw = fetched.body if isinstance(fetched.body, bytes) else b""
        manifest = parse_manifest(raw, fetched.header("Content-Type") or None)
        # The upstream is not believed either: what was asked for by digest must have that digest.
        digest = Digest(reference) if ":" in reference else manifest.digest
        digest.verify(raw)
        self.storage.keep_manifest(name, digest, manifest, None if ":" in reference else reference)
        self._checked[path] = self._came[path] = self.clock()

    def _blob(self, request: Request, name: str) -> Response:
        local = routes.handle(self.storage, request)
        if local.ok or local.status == 416:
            return local
        # Whatever part was asked for, the whole blob is fetched: a digest can be verified of a whole blob alone.
        fetched = self._ask(replace(request, method="GET", headers={}))
        if not fetched.ok:
            return fetched
        digest = Digest(request.path.rpartition("/")[2])
        self.storage.keep(name, fetched.body, digest)
        self._came[request.path] = self.clock()
        return routes.handle(self.storage, request)

    def _ask(self, request: Request) -> Response:
        # Subtle: to the upstream every puller is this cache. One address, one account, and so one pull limit for all.
        request = replace(request, peer=self.peer, account="")
        self.asked.append(request)
        try:
            return self.upstream.handle(request)
        except ConnectionError as error:
            return refused(Unsupported(f"the registry behind this one: {error}", status=UNAVAILABLE), request)

    def _fresh(self, path: str) -> bool:
        then = self._checked.get(path)
        return then is not None and self.recheck > 0 and self.clock() - then < self.recheck

    def _known_missing(self, path: str) -> bool:
        then = self._missing.get(path)
        return then is not None and self.clock() - then < self.negative

    def _drop_expired(self) -> None:
        due = [path for path, then in self._came.items() if self.expiry and self.clock() - then >= self.expiry]
        for path in due:
            del self._came[path]
            # Names go, bytes stay until a collector sweeps them; the next pull fetches the content again.
            name, _, rest = path.removeprefix("/v2/").rpartition("/blobs/" if "/blobs/" in path else "/manifests/")
            repository = self.storage.repositories[name]
            if "/blobs/" in path:
                repository.drop_link(Digest(rest))
            elif ":" in rest:
                repository.drop_manifest(Digest(rest))
            else:
                repository.drop_tag(rest)


@dataclass(slots=True)
class Group:
    """Several registries under one name: the first that has what is asked for gives it, one takes what is pushed.

    The order decides which of two images of one name is pulled. A public registry before a private one lets anybody
    who registers the private image's name there put theirs in its place.
    """

    members: tuple[Upstream, ...]
    host: str = "group.example"
    writable: int | None = None

    def __post_init__(self) -> None:
        if not self.members or (self.writable is not None and not 0 <= self.writable < len(self.members)):
            raise InvalidValue("group", len(self.members), "give at least one member, and the place of one to write to")

    def handle(self, request: Request) -> Response:
        """Ask the members in order; a write goes to the one that takes writes."""
        if request.method not in READS:
            if self.writable is None:
                return refused(Unsupported("nothing is pushed to this group"), request)
            return self.members[self.writable].handle(request)
        answer: Response | None = None
        for member in self.members:
            answer = member.handle(request)
            # "Not here" and "not reachable" pass on to the next one. Any other answer counts, a refusal too.
            if answer.status not in (404, UNAVAILABLE):
                return answer
        assert answer is not None
        return answer
