"""Where an answer leads: a link belongs to the address that answered, and no secret goes along to another place."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from simregistry import Client, Digest, Request, Response
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import ConnectionFailed, ImageUnknown, TransferFailed
from simregistry.oci.descriptor import Descriptor

Host = Callable[[httpx.Request], httpx.Response]
ANN = Credentials("ann", "right")
HOME, STORE = "https://registry.example", "https://storage.example"
CONTENT = b"the blob"
BLOB = Descriptor("application/octet-stream", Digest.of(CONTENT), len(CONTENT))


def saying(status: int, body: bytes = b"{}", **headers: str) -> httpx.Response:
    """An answer whose body comes as a stream, as from a socket."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


def asked(request: httpx.Request) -> tuple[str, str, str]:
    """What a host was asked, with its query, and what it was shown."""
    return request.method, str(request.url), request.headers.get("Authorization", "")


def opening(location: str, status: int = 202) -> Host:
    """A registry that ann may use, which begins each upload at a location."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != ANN.basic:
            return saying(401, WWW_Authenticate='Basic realm="R"')
        return saying(status, Location=location) if request.method == "POST" else saying(201)

    return answer


def ann_at(host: str) -> RemoteRepository:
    """A repository that ann reaches."""
    return RemoteRepository(SignedTransport(Remote(host), Keyring(ANN)), "a")


def noted(seen: list[tuple[str, str, str]], answer: Host) -> Host:
    """A host that notes what it is asked."""

    def noting(request: httpx.Request) -> httpx.Response:
        seen.append(asked(request))
        return answer(request)

    return noting


def test_an_upload_goes_on_at_another_host_without_a_secret(hosts):
    """With the query that the location has, and with the blob."""
    seen: list[tuple[str, str, str]] = []
    bodies: list[bytes] = []

    def storage(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return saying(201)

    hosts[HOME] = opening(f"{STORE}/up/1?signature=x%2By")
    hosts[STORE] = noted(seen, storage)
    ann_at("registry.example").put_blob(BLOB, CONTENT)
    assert seen == [("PUT", f"{STORE}/up/1?signature=x%2By&digest={BLOB.digest}", "")] and bodies == [CONTENT]


def test_the_client_of_the_lessons_follows_an_upload_too(hosts):
    """Chunk by chunk, each to where the last answer led; and the manifest goes to the registry again."""
    seen: list[tuple[str, str, str]] = []

    def registry(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return saying(404)
        return opening(f"{STORE}/up/0")(request)

    def storage(request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.rpartition("/")[2])
        return saying(202, Location=f"{number + 1}") if request.method == "PATCH" else saying(201)

    hosts[HOME] = lambda request: saying(200) if request.url.path == "/v2/" else registry(request)
    hosts[STORE] = noted(seen, storage)
    laptop = Client(transports={"registry.example": Remote("registry.example", ANN)}, chunk_bytes=4000)
    laptop.build("registry.example/a:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    laptop.push("registry.example/a:v1")
    methods = [(method, url.partition("?")[0].removeprefix(STORE)) for method, url, _ in seen]
    layer = [("PATCH", "/up/0"), ("PATCH", "/up/1"), ("PATCH", "/up/2"), ("PUT", "/up/3")]
    assert methods[:4] == layer and not any(shown for *_, shown in seen)


@pytest.mark.parametrize(("location", "place"), [
    ("/v2/a/blobs/uploads/1", f"{HOME}/v2/a/blobs/uploads/1"), ("1?state=z", f"{HOME}/v2/a/blobs/uploads/1?state=z"),
    ("../up/1", f"{HOME}/v2/a/blobs/up/1"), (f"{HOME}/up/1", f"{HOME}/up/1"), (f"{HOME}:443/up/1", f"{HOME}/up/1"),
    ("//registry.example/up/1", f"{HOME}/up/1"), ("?state=z", f"{HOME}/v2/a/blobs/uploads/?state=z"),
])  # fmt: skip
def test_a_location_counts_from_the_address_that_answered(hosts, location, place):
    """Written in any of the ways of RFC 3986; in the registry the secret goes along."""
    seen: list[tuple[str, str, str]] = []
    hosts[HOME] = noted(seen, opening(location))
    ann_at("registry.example").put_blob(BLOB, CONTENT)
    sign = "&" if "?" in place else "?"
    assert seen[-1] == ("PUT", f"{place}{sign}digest={BLOB.digest}", ANN.basic)


def test_a_relative_location_after_a_redirect_counts_from_where_that_led(hosts):
    """And stays there, without a secret."""
    seen: list[tuple[str, str, str]] = []
    hosts[HOME] = lambda request: (
        opening("")(request) if request.method != "POST" else saying(307, Location=f"{STORE}/x/y")
    )
    hosts[STORE] = noted(seen, lambda request: saying(202, Location="z") if request.method == "POST" else saying(201))
    ann_at("registry.example").put_blob(BLOB, CONTENT)
    assert seen == [("POST", f"{STORE}/x/y", ""), ("PUT", f"{STORE}/x/z?digest={BLOB.digest}", "")]


@pytest.mark.parametrize("location", [
    "http://registry.example/up/1", "http://storage.example/up/1", "http://localhost:5000/up/1", "https://localhost/up/1",
    "http://localhost.evil.example/up/1", "javascript:1", "ftp://storage.example/up/1", "http://[", "http://a:99999/",
    "https://a b:c/", "",
])  # fmt: skip
def test_an_upload_does_not_go_on_where_it_may_not(hosts, location):
    """Not off TLS, not to this machine from afar, and not to what isn't an address: the error names it, nothing is sent."""
    hosts[HOME] = opening(location)
    with pytest.raises((ConnectionFailed, TransferFailed), match=r"registry|Location") as failed:
        ann_at("registry.example").put_blob(BLOB, CONTENT)
    assert str(failed.value).isprintable() and "PUT" not in str(failed.value)


@pytest.mark.parametrize("target", ["http://registry.example/x", "http://storage.example/x", "https://localhost/x"])
def test_a_redirect_takes_no_body_off_a_secured_line(hosts, target):
    """An image may be private, as a password is."""
    hosts[HOME] = lambda request: saying(307, Location=target) if request.method == "PUT" else opening("/up/1")(request)
    with pytest.raises(ConnectionFailed, match="nothing was sent there"):
        ann_at("registry.example").put_blob(BLOB, CONTENT)


@pytest.mark.parametrize("location", ["javascript:1", "http://[", "ftp://storage.example/x", "http://a:99999/", "https:///x",
                                      "https://" + "a" * 70 + ".example:77777/", "mailto:me"])  # fmt: skip
def test_a_redirect_to_what_is_no_address_is_told(hosts, location):
    """In a sentence that names the registry."""
    hosts[HOME] = lambda request: saying(302, Location=location)
    with pytest.raises(ConnectionFailed, match=r"registry\.example"):
        Remote("registry.example", wait=lambda seconds: None).send(Request("GET", "/v2/"))


def test_another_host_does_not_say_where_to_sign_in(hosts):
    """A storage that a blob's redirect leads to would be told the registry's password."""
    hosts[HOME] = lambda request: saying(307, Location=f"{STORE}/x")
    hosts[STORE] = lambda request: saying(401, WWW_Authenticate='Bearer realm="https://evil.example/token"')
    line = SignedTransport(Remote("registry.example"), Keyring(ANN))
    answer = line.send(Request("GET", f"/v2/a/blobs/{BLOB.digest}"))
    assert (answer.status, answer.header("WWW-Authenticate")) == (401, "")


def test_an_identity_token_follows_no_redirect(hosts):
    """It's in the body, so the rule for headers isn't enough."""
    challenge = 'Bearer realm="https://auth.example/token",service="s"'
    hosts[HOME] = lambda request: saying(401, WWW_Authenticate=challenge)
    hosts["https://auth.example"] = lambda request: saying(307, Location="https://evil.example/token")
    line = SignedTransport(Remote("registry.example"), Keyring(Credentials(identity="jwt")))
    with pytest.raises(ConnectionFailed, match=r"evil\.example, which isn't the place it was meant for"):
        line.send(Request("GET", "/v2/"))


def paged(pages: dict[str, tuple[list[str], str]]) -> Host:
    """A registry with pages of tags by their query, each with its Link header."""

    def answer(request: httpx.Request) -> httpx.Response:
        tags, link = pages[request.url.query.decode()]
        return saying(200, json.dumps({"tags": tags}).encode(), Link=link)

    return answer


@pytest.mark.parametrize("link", ["?n=2", "list?n=2", "/v2/a/tags/list?n=2", f"{HOME}/v2/a/tags/list?n=2",
                                  "http://registry.example/v2/a/tags/list?n=2", "https://evil.example/v2/a/tags/list?n=2"])  # fmt: skip
def test_the_next_page_is_asked_of_the_registry_itself(hosts, link):
    """However it's written, as real clients do: a registry behind a proxy may not know its own name."""
    hosts[HOME] = paged(
        {"": (["v1"], f'</v2/>; rel="up", <{link}>; rel="next"'), "n=2": (["v2"], '<?n=1>; rel="prev"')}
    )
    assert RemoteRepository(Remote("registry.example"), "a").names() == ("v1", "v2")


def test_the_next_page_counts_from_where_a_redirect_led(hosts):
    """In the registry; the path that was asked for is not the one that answered."""
    pages = paged({"": (["v1"], '<more?n=2>; rel="next"'), "n=2": (["v2"], "")})
    hosts[HOME] = lambda request: (
        pages(request) if request.url.path.startswith("/x/") else saying(307, Location="/x/list")
        if request.url.path == "/v2/a/tags/list" else saying(404)
    )  # fmt: skip
    assert RemoteRepository(Remote("registry.example"), "a").names() == ("v1", "v2")


@pytest.mark.parametrize("pages", [
    {"": (["v1"], '</v2/a/tags/list>; rel="next"')}, {"": (["v1"], '<>; rel="next"')},
    {"": (["v1"], '<?n=1>; rel="next"'), "n=1": (["v1"], '<?n=1>; rel="next"')},
    {"": (["v1"], '<?n=1>; rel="next"'), "n=1": (["v2"], '<?n=2>; rel="next"'), "n=2": (["v3"], '<?n=1>; rel="next"')},
    {"": (["v1"], '<?n=1>; rel="next"'), "n=1": (["v1"], f'<{HOME}/v2/a/tags/list#again>; rel="next"')},
])  # fmt: skip
def test_pages_in_a_circle_are_an_error(hosts, pages):
    """Be it of one page, of two, or back to the first: it ends where a page is seen again."""
    hosts[HOME] = paged(pages)
    with pytest.raises(TransferFailed, match="lead back to this one"):
        RemoteRepository(Remote("registry.example"), "a").names()


def index(*contents: bytes) -> bytes:
    """A page of referrers."""
    media_type = "application/vnd.oci.image.manifest.v1+json"
    entries = [{"mediaType": media_type, "digest": str(Digest.of(content)), "size": 1} for content in contents]
    kind = "application/vnd.oci.image.index.v1+json"
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": entries}).encode()


class Pages:
    """A transport with referrers in three pages, of which two overlap."""

    pages = (index(b"1", b"2"), index(), index(b"2", b"3"))

    def send(self, request: Request) -> Response:
        """Answer with the page that is asked for."""
        number = int(request.query.get("page", "0"))
        link = {"Link": f'<?page={number + 1}>; rel="next"'} if number < 2 else {}
        return Response(200, link, self.pages[number])


def test_referrers_come_in_pages_too():
    """None is lost, each counts once; over any transport."""
    found = RemoteRepository(Pages(), "a").referrers(BLOB.digest)
    assert found == tuple(Digest.of(content) for content in (b"1", b"2", b"3"))


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_registry_that_refuses_to_list_referrers_is_not_one_without_any(hosts, status):
    """Else signatures would be lost without a word."""
    hosts[HOME] = lambda request: saying(status)
    there = RemoteRepository(Remote("registry.example", wait=lambda seconds: None), "a")
    with pytest.raises(TransferFailed, match=f"referrers.*{status}"):
        there.referrers(BLOB.digest)


@pytest.mark.parametrize("status", [400, 404, 405, 406])
def test_where_no_referrers_are_listed_a_tag_may_list_them(hosts, status):
    """The "Referrers Tag Schema"; and where there is no tag either, there are none."""
    hosts[HOME] = lambda request: saying(status if "/referrers/" in request.url.path else 404)
    there = RemoteRepository(Remote("registry.example"), "a")
    assert there.referrers(BLOB.digest) == ()
    hosts[HOME] = lambda request: saying(status) if "/referrers/" in request.url.path else saying(200, index(b"1"))
    assert there.referrers(BLOB.digest) == (Digest.of(b"1"),)


def test_a_media_type_may_have_parameters(hosts):
    """RFC 9110, section 8.3; and what is missing is another thing than what can't be read."""
    kind = "application/vnd.oci.image.index.v1+json; charset=utf-8"
    hosts[HOME] = lambda request: (
        saying(200, index(b"1"), Content_Type=kind) if "v1" in request.url.path else saying(404)
    )
    there = RemoteRepository(Remote("registry.example"), "a")
    assert there.resolve("v1") == Digest.of(index(b"1"))
    with pytest.raises(ImageUnknown):
        there.resolve("v2")
