"""Limits and caches: what counts, when it stops counting, and what a cache saves its upstream."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry import Client, Registry, Request
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.messages import Response
from simregistry.registry.clock import Clock
from simregistry.registry.middleware.rate_limits import PullLimit, RequestLimit, RollingWindow, TokenBucket, source_of
from simregistry.registry.mirror import Group, PullThrough

PULL = Request("GET", "/v2/app/manifests/v1")


def registry(*middleware, code: str = "code", host: str = "registry.example") -> Registry:
    """A registry with app:v1 in it."""
    plain = Registry(host)
    laptop = Client(registries=[plain])
    laptop.build(f"{host}/app:v1", "FROM scratch\nCOPY code /\n", {"code": code})
    laptop.push(f"{host}/app:v1")
    return Registry(host, plain.storage, middleware)


def from_(address: str, request: Request = PULL) -> Request:
    """A request from an address."""
    return Request(request.method, request.path, peer=address)


def hub(clock: Clock, limit: int = 3) -> PullLimit:
    """Docker Hub's limit, smaller."""
    return PullLimit(RollingWindow(limit, 21_600, clock), RollingWindow(2 * limit, 21_600, clock))


def test_a_manifest_get_counts_and_nothing_else_does():
    """docs.docker.com, "Pull usage and limits": a HEAD is no pull, nor is a blob; two platforms are two pulls."""
    limited = registry(hub(Clock()))
    blob = json.loads(limited.handle(from_("a")).body)["config"]["digest"]
    for method, path in (
        ("HEAD", PULL.path),
        ("GET", f"/v2/app/blobs/{blob}"),
        ("GET", "/v2/app/tags/list"),
        ("GET", "/v2/"),
    ):
        for _ in range(10):
            assert limited.handle(from_("a", Request(method, path))).status == 200
    assert [limited.handle(from_("a")).status for _ in range(3)] == [200, 200, 429]


def test_the_headers_say_the_limit_what_is_left_and_whose_it_is():
    """docs.docker.com, "Pull usage and limits": ratelimit-limit, ratelimit-remaining, docker-ratelimit-source."""
    clock = Clock()
    limited = registry(hub(clock))
    first = limited.handle(from_("198.51.100.7"))
    assert first.header("RateLimit-Limit") == "3;w=21600"
    assert first.header("RateLimit-Remaining") == "2;w=21600"
    assert first.header("Docker-RateLimit-Source") == "198.51.100.7"
    clock.advance(100)
    for _ in range(3):
        refused = limited.handle(from_("198.51.100.7"))
    assert (refused.status, refused.header("Retry-After")) == (429, "21500")
    assert json.loads(refused.body)["errors"][0]["code"] == "TOOMANYREQUESTS"


def test_the_window_rolls_and_each_source_has_its_own():
    """Six hours after a pull, that pull is free again, and no other; an account is counted apart from its address."""
    clock = Clock()
    limited = registry(hub(clock))
    for _ in range(3):
        limited.handle(from_("a"))
        clock.advance(3600)
    assert limited.handle(from_("a")).status == 429
    assert limited.handle(from_("b")).status == 200
    assert limited.handle(Request("GET", PULL.path, peer="a", account="alice")).status == 200
    clock.advance(3 * 3600)
    assert [limited.handle(from_("a")).status for _ in range(2)] == [200, 429]


def test_addresses_of_one_64_are_one_source():
    """docs.docker.com, "Pull usage and limits": per IPv4 address or IPv6 /64 subnet."""
    assert source_of("2001:db8:0:1::5") == source_of("2001:db8:0:1:ffff::") != source_of("2001:db8:0:2::5")
    assert source_of("198.51.100.7") == "198.51.100.7"


@given(st.lists(st.floats(0, 50), max_size=60), st.integers(1, 5))
def test_no_stretch_of_the_window_has_more_than_the_limit(steps, limit):
    """Whatever the times: the slow way to count says the same."""
    clock = Clock()
    window = RollingWindow(limit, 60, clock)
    taken: list[float] = []
    for step in steps:
        clock.advance(step)
        free = sum(then + 60 > clock() for then in taken) < limit
        wait = window.take("a")
        assert (wait == 0) is free
        if free:
            taken.append(clock())
        else:
            assert wait == pytest.approx(sorted(taken)[-limit] + 60 - clock())


@given(st.lists(st.floats(0, 3), max_size=60))
def test_a_bucket_gives_no_more_than_its_burst_and_its_rate(steps):
    """Over any time: burst + rate × seconds."""
    clock = Clock()
    bucket = TokenBucket(2, 5, clock)
    given_out = 0
    for step in steps:
        clock.advance(step)
        given_out += bucket.take("a") == 0
        assert given_out <= 5 + 2 * clock() + 1e-6


def test_a_request_limit_counts_by_its_key():
    """A bucket a caller; what is not counted passes."""
    clock = Clock()
    limit = RequestLimit(TokenBucket(1, 2, clock), lambda r: r.method == "GET", key=lambda r: r.peer)
    limited = registry(limit)
    assert [limited.handle(from_("a")).status for _ in range(3)] == [200, 200, 429]
    assert limited.handle(from_("b")).status == 200
    assert limited.handle(from_("a", Request("HEAD", PULL.path))).status == 200
    clock.advance(1)
    assert limited.handle(from_("a")).status == 200


def test_a_client_that_is_patient_comes_again_when_told():
    """RFC 9110, section 10.2.3: after the seconds of Retry-After; an impatient one stops with the registry's words."""
    clock = Clock()
    limited = registry(hub(clock, limit=1))
    Client(registries=[limited], address="a").pull("registry.example/app:v1")
    with pytest.raises(TransferFailed, match="429"):
        Client(registries=[limited], address="a").pull("registry.example/app:v1")
    patient = Client(registries=[limited], address="a", patience=1, wait=clock.advance)
    assert patient.pull("registry.example/app:v1").conversation[-1].status == 200
    assert clock() == 21_600


class Counted:
    """An upstream that can be away, and notes what it is asked."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.away, self.asked = registry, False, []

    def handle(self, request: Request) -> Response:
        """Answer, or be away."""
        self.asked.append(request.line)
        if self.away:
            raise ConnectionError("nobody answers")
        return self.registry.handle(request)


def test_a_cache_asks_once_for_a_blob_and_checks_a_tag_each_time():
    """A HEAD for the tag, nothing for what is named by digest; what comes back is the upstream's, byte for byte."""
    upstream = Counted(registry())
    cache = PullThrough(upstream)
    direct = Client(registries=[upstream.registry])
    for number in range(3):
        laptop = Client(registries=[cache])
        assert laptop.pull("cache.example/app:v1").digest == direct.pull("registry.example/app:v1").digest
        if number == 0:
            first = list(upstream.asked)
            upstream.asked.clear()
    assert sum(line.startswith("GET /v2/app/blobs/") for line in first) == 2
    assert set(upstream.asked) == {"HEAD /v2/app/manifests/v1"}


def test_a_cache_that_checks_by_age_sees_a_moved_tag_late():
    """Between checks it serves the old image: that is what the age means."""
    clock = Clock()
    upstream = Counted(registry())
    cache = PullThrough(upstream, clock=clock, recheck=3600)
    old = cache.handle(PULL).body
    upstream.registry = registry(code="new code")
    assert cache.handle(PULL).body == old
    clock.advance(3600)
    assert cache.handle(PULL).body == upstream.registry.handle(PULL).body != old


def test_a_cache_serves_its_copy_while_the_upstream_is_away_or_limits():
    """And what it has no copy of fails with 503, or with the upstream's own 429."""
    upstream = Counted(registry(hub(Clock(), limit=1)))
    cache = PullThrough(upstream)
    copy = cache.handle(PULL)
    upstream.away = True
    assert cache.handle(PULL) == copy
    assert cache.handle(Request("GET", "/v2/app/manifests/v2")).status == 503
    upstream.away = False
    assert cache.handle(PULL) == copy
    assert cache.handle(Request("GET", "/v2/app/manifests/v2")).status == 429


def test_a_miss_is_remembered_for_a_while():
    """The negative cache: what was just pushed upstream is not seen before its end."""
    clock = Clock()
    upstream = Counted(Registry())
    cache = PullThrough(upstream, clock=clock, negative=1800)
    assert [cache.handle(PULL).status for _ in range(3)] == [404] * 3
    assert len(upstream.asked) == 1
    upstream.registry = registry()
    assert cache.handle(PULL).status == 404
    clock.advance(1800)
    assert cache.handle(PULL).status == 200


def test_what_expires_is_fetched_anew():
    """distribution's proxy drops a copy after its time to live."""
    clock = Clock()
    upstream = Counted(registry())
    cache = PullThrough(upstream, clock=clock, expiry=7 * 86_400)
    Client(registries=[cache]).pull("cache.example/app:v1")
    clock.advance(7 * 86_400)
    upstream.asked.clear()
    Client(registries=[cache]).pull("cache.example/app:v1")
    assert sum(line.startswith("GET /v2/app/blobs/") for line in upstream.asked) == 2


def test_nothing_is_pushed_to_a_cache():
    """405, and its copy is as it was."""
    cache = PullThrough(registry())
    assert cache.handle(Request("PUT", PULL.path, body=b"{}")).status == 405
    assert cache.handle(Request("DELETE", PULL.path)).status == 405


def test_a_cache_does_not_keep_what_is_not_what_it_is_called():
    """An upstream that sends other bytes for a digest is not believed."""

    class Liar:
        def handle(self, request: Request) -> Response:
            """Something else."""
            return Response(200, {"Docker-Content-Digest": "sha256:" + "0" * 64}, b"other bytes")

    cache = PullThrough(Liar())
    for path in ("blobs/sha256:" + "0" * 64, "manifests/sha256:" + "0" * 64, "manifests/v1"):
        assert cache.handle(Request("GET", f"/v2/app/{path}")).status == 502
    assert not len(cache.storage.blobs)


def test_the_first_member_of_a_group_that_has_an_image_gives_it():
    """Precedence, and the trap in it: a public image of a private one's name is pulled if the public comes first."""
    private, public = registry(code="ours"), registry(code="theirs", host="hub.example")
    for members, wins in (((private, public), private), ((public, private), public)):
        group = Group(members, writable=members.index(private))
        assert group.handle(PULL).body == wins.handle(PULL).body
    only_here = Request("GET", "/v2/other/manifests/v1")
    assert Group((private, public)).handle(only_here).status == 404
    assert Group((private,)).handle(Request("PUT", PULL.path, body=b"{}")).status == 405
    assert Group((public, private), writable=1).handle(Request("POST", "/v2/new/blobs/uploads/")).status == 202
    for members, place in ((), None), ((private,), 3):
        with pytest.raises(InvalidValue):
            Group(members, writable=place)
