"""Limits: so many pulls in a window, so many requests a minute; past them 429, and the time to wait.

1. What counts is the rule's own: Docker Hub counts a GET of a manifest, not a HEAD and not a blob (its "Usage and
   limits" pages), others every request.
2. A window rolls: a pull stops counting when it is as old as the window is long.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_network

from simregistry.errors import TooManyRequests
from simregistry.oci.messages import Request, Response
from simregistry.registry.api.refusal import refused
from simregistry.registry.clock import Now
from simregistry.registry.middleware.middleware import NextHandler
from simregistry.registry.storage.storage import Storage

MANIFEST = re.compile(r"/v2/.+/manifests/[^/]+")
Counts = Callable[[Request], bool]


def manifest_gets(request: Request) -> bool:
    """Count one pull for each manifest that is fetched: a multi-platform pull is two, a HEAD is none."""
    return request.method == "GET" and MANIFEST.fullmatch(request.path) is not None


def every_request(request: Request) -> bool:
    """Count whatever comes."""
    return True


@dataclass(slots=True)
class RollingWindow:
    """At most so many events of each key in any stretch of so many seconds.

    >>> window = RollingWindow(2, 60, lambda: 0.0)
    >>> [window.take("a"), window.take("a"), window.take("a")]
    [0.0, 0.0, 60.0]
    """

    limit: int
    seconds: float
    clock: Now
    events: dict[str, deque[float]] = field(default_factory=dict, repr=False)

    def take(self, key: str) -> float:
        """Count one and return 0, or count nothing and return the seconds until one is free."""
        recent = self._recent(key)
        if len(recent) < self.limit:
            recent.append(self.clock())
            return 0.0
        # The oldest event is the next to leave the window. A limit of 0 never has one.
        return recent[0] + self.seconds - self.clock() if recent else self.seconds

    def remaining(self, key: str) -> int:
        """Say how many are free now."""
        return self.limit - len(self._recent(key))

    def _recent(self, key: str) -> deque[float]:
        events = self.events.setdefault(key, deque())
        while events and events[0] + self.seconds <= self.clock():
            events.popleft()
        return events


@dataclass(slots=True)
class TokenBucket:
    """A bucket that refills at a steady rate (tokens a second) and holds at most ``burst``; each event takes a token.

    >>> bucket = TokenBucket(1, 2, lambda: 0.0)
    >>> [bucket.take("a"), bucket.take("a"), bucket.take("a")]
    [0.0, 0.0, 1.0]
    """

    rate: float
    burst: float
    clock: Now
    levels: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def take(self, key: str) -> float:
        """Take one and return 0, or take nothing and return the seconds until there is one."""
        now = self.clock()
        # Nothing refills the bucket while nobody looks: how much has run in since then is worked out now.
        level, then = self.levels.get(key, (self.burst, now))
        level = min(self.burst, level + (now - then) * self.rate)
        if level >= 1:
            self.levels[key] = (level - 1, now)
            return 0.0
        self.levels[key] = (level, now)
        return (1 - level) / self.rate


@dataclass(frozen=True, slots=True)
class PullLimit:
    """Docker Hub's limit: pulls of an address, or of an account, in a rolling window; None is no limit.

    ``accounts`` has other limits for some accounts, as paid plans have.
    """

    anonymous: RollingWindow | None
    signed_in: RollingWindow | None
    counts: Counts = manifest_gets
    accounts: Mapping[str, RollingWindow | None] = field(default_factory=dict)

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Count the request and pass it on; refuse it if the account is over its limit."""
        account = request.account
        window = self.accounts.get(account, self.signed_in) if account else self.anonymous
        if window is None or not self.counts(request):
            return next_handler(request)
        key = account or source_of(request.peer)
        wait = window.take(key)
        # docs.docker.com, "Docker Hub pull usage and limits": the limit, what is left of it, and whose it is.
        headers = {
            "ratelimit-limit": f"{window.limit};w={window.seconds:.0f}",
            "ratelimit-remaining": f"{window.remaining(key)};w={window.seconds:.0f}",
            "docker-ratelimit-source": account or request.peer,
        }
        if wait:
            return _refused("you have reached your pull rate limit", wait, headers, request)
        response = next_handler(request)
        return Response(response.status, {**response.headers, **headers}, response.body)


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """A limit on requests of some kind, of each key: a registry, a project, a caller."""

    bucket: TokenBucket
    counts: Counts = every_request
    key: Callable[[Request], str] = field(default=lambda request: "")

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Count the request and pass it on; refuse it if the bucket is empty."""
        wait = self.bucket.take(self.key(request)) if self.counts(request) else 0.0
        return _refused("too many requests", wait, {}, request) if wait else next_handler(request)


def source_of(address: str) -> str:
    """Name what an address is counted as: itself, or the /64 network of an IPv6 address.

    >>> source_of("2001:db8::1") == source_of("2001:db8::2")
    True
    """
    try:
        version6 = IPv6Address(address)
    except ValueError:
        return address
    return str(ip_network(f"{version6}/64", strict=False))


def _refused(message: str, wait: float, headers: Mapping[str, str], request: Request) -> Response:
    error = TooManyRequests(message)
    # distribution-spec, "Error Codes", code-14; RFC 9110, section 10.2.3: whole seconds.
    error.headers |= {**headers, "Retry-After": str(math.ceil(wait))}
    return refused(error, request)
