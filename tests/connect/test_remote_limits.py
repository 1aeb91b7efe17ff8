"""What a registry over a network sends is bounded, in bytes and in seconds, and every way it ends is a sentence."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from simregistry import Client, Digest, Request, cli
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect import remote, remote_repository
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import ConnectionFailed, InvalidValue, SimRegistryError, TransferFailed
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.limits import LARGEST_DOCUMENT, LARGEST_TOKEN_ANSWER
from simregistry.registry.storage.storage import Storage

Script = Callable[[socket.socket, str], None]
Started = Callable[[Script], str]


@pytest.fixture
def started() -> Iterator[Started]:
    """A function that starts a server at which a script answers each request on a connection of its own."""
    listeners: list[socket.socket] = []

    def start(script: Script) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += line.recv(65536)
                script(line, asked.decode().partition("\r\n")[0])
                line.shutdown(socket.SHUT_WR)

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> Script:
    """A script that gives one answer to everything."""
    head = "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers, "", ""])
    return lambda line, asked: line.sendall(head.encode() + body)


def without_end(piece: bytes, pause: float = 0, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Script:
    """A script that goes on for ever."""

    def script(line: socket.socket, asked: str) -> None:
        line.sendall(head)
        while True:
            line.sendall(piece)
            time.sleep(pause)

    return script


BLOB = Descriptor("application/octet-stream", Digest.of(b"seven b"), 7)
MANIFEST, TAGS = "/v2/a/manifests/v1", "/v2/a/tags/list"
CALLS: dict[str, Callable[[RemoteRepository], object]] = {
    "manifest": lambda there: there.resolve("v1"),
    "tags": lambda there: there.names(),
    "referrers": lambda there: there.referrers(BLOB.digest),
    "blob": lambda there: there.blob(BLOB),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("length", [True, False])
def test_an_answer_without_end_is_read_to_its_bound(started, call, length):
    """Whether it says how long it is or not; and the client is told what to do."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n" if length else b"HTTP/1.1 200 OK\r\n\r\n"
    host = started(without_end(b" " * 65536, head=head))
    with pytest.raises(ConnectionFailed, match=r"more than [\d,]+ bytes.*ask whoever runs the registry"):
        call(RemoteRepository(Remote(host), "a"))


@pytest.mark.parametrize("size", [7, 8])
def test_a_blob_has_no_byte_more_than_its_descriptor_says(started, size):
    """And all of those."""
    there = RemoteRepository(Remote(started(answer(b"x" * size))), "a")
    if size > BLOB.size:
        with pytest.raises(ConnectionFailed, match="more than 7 bytes"):
            there.blob(BLOB)
    else:
        assert there.blob(BLOB) == b"x" * size


def test_a_document_may_have_as_many_bytes_as_its_bound(started):
    """4 MiB, and not one more; a refusal is read with the same bound."""
    ping = Request("GET", MANIFEST)
    assert len(Remote(started(answer(b"x" * LARGEST_DOCUMENT))).send(ping).body) == LARGEST_DOCUMENT
    for status in ("200 OK", "404 Not Found"):
        with pytest.raises(ConnectionFailed, match="4,194,304 bytes"):
            Remote(started(answer(b"x" * (LARGEST_DOCUMENT + 1), status))).send(ping)


def test_a_refusal_of_a_blob_may_be_longer_than_the_blob(started):
    """It's another thing: the reason is read, and told."""
    reason = b'{"errors":[{"code":"DENIED","message":"not for you"}]}'
    with pytest.raises(TransferFailed, match="not for you"):
        RemoteRepository(Remote(started(answer(reason, "403 Forbidden"))), "a").blob(BLOB)


def test_a_pull_reads_no_more_of_a_blob_than_the_manifest_says(started):
    """The client of the lessons too; the error says what was said before."""
    config = b"{}"
    manifest = (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":'
        b'"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[]}' % str(Digest.of(config)).encode()
    )
    media_type = "Content-Type: application/vnd.oci.image.manifest.v1+json"

    def script(line: socket.socket, asked: str) -> None:
        (without_end(b"{}" * 999) if "/blobs/" in asked else answer(manifest, "200 OK", media_type))(line, asked)

    host = started(script)
    with pytest.raises(TransferFailed, match="more than 2 bytes") as failed:
        Client(transports={host: Remote(host)}).pull(f"{host}/a:v1")
    assert [exchange.status for exchange in failed.value.conversation] == [200, 200, None]


def test_a_token_service_is_read_to_a_bound_of_its_own(started):
    """A token has a few kilobytes."""
    service = started(without_end(b" " * 65536))
    registry = started(answer(b"{}", "401 Unauthorized", f'WWW-Authenticate: Bearer realm="http://{service}/t"'))
    line = SignedTransport(Remote(registry), Keyring(Credentials("me", "secret")))
    with pytest.raises(ConnectionFailed, match=f"more than {LARGEST_TOKEN_ANSWER:,} bytes"):
        line.send(Request("GET", "/v2/"))


@pytest.mark.parametrize("script", [
    without_end(b"x", 0.02), without_end(b"1\r\nx\r\n", 0.02, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    without_end(b"1", 0.02, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"),
    without_end(b"x", 0.02, b"HTTP/1.1 200 OK\r\nX-Long: "), without_end(b"", 0.02, b""),
    without_end(b"HTTP/1.1 102 Processing\r\n\r\n", 0.02, b""),
], ids=["body", "chunks", "a chunk's head", "a header", "silence", "interim answers"])  # fmt: skip
def test_an_answer_that_comes_too_slowly_is_given_up(started, script):
    """A byte now and then keeps every wait short; the whole time counts. It isn't asked for again."""
    pauses: list[float] = []
    line = Remote(started(script), seconds=0.4, wait=pauses.append)
    began = time.monotonic()
    with pytest.raises(ConnectionFailed, match="longer than 0 seconds and was given up.*try again later"):
        line.send(Request("GET", TAGS))
    assert not pauses and time.monotonic() - began < 30


def test_a_registry_that_takes_a_body_too_slowly_is_given_up(started, monkeypatch):
    """Nor does an upload wait for ever; a slow line has more time for more bytes."""
    monkeypatch.setattr(remote, "SLOWEST", 100 * 1024**2)
    line = Remote(started(lambda line, asked: time.sleep(10)), seconds=0.3)
    with pytest.raises(ConnectionFailed, match="given up"):
        line.send(Request("PUT", "/v2/a/blobs/uploads/1", body=b"x" * (20 * 1024**2)))


def test_a_line_is_good_for_the_next_request_after_one_was_cut(started):
    """And a limit that was not reached changes nothing, long after its time."""
    slow, body = threading.Event(), answer(b"{}")
    host = started(lambda line, asked: (body if slow.is_set() else without_end(b"x", 0.02))(line, asked))
    line = Remote(host, seconds=0.4)
    with pytest.raises(ConnectionFailed):
        line.send(Request("GET", TAGS))
    slow.set()
    for _ in range(2):
        assert line.send(Request("GET", TAGS)).body == b"{}"
        time.sleep(0.5)


NONSENSE = {
    "HTML": b"<html>hello</html>", "nothing": b"", "a list": b"[]", "a number": b"5", "deep": b"[" * 100_000,
    "deep objects": b'{"tags":' * 3000 + b"1" + b"}" * 3000, "not UTF-8": b"\xff\xfe", "NaN": b'{"tags": NaN}',
    "tags are a word": b'{"tags": "v1"}', "tags are numbers": b'{"tags": [1]}', "a tag for the terminal": b'{"tags": ["\\u001b[2J"]}',
    "half a character": b'{"tags": ["\\ud800"]}', "a key twice": b'{"tags": [], "tags": ["a"]}',
}  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_a_list_of_tags_that_is_none_is_told_in_a_sentence(started, body):
    """With the repository that was asked for, and nothing that a terminal acts on."""
    with pytest.raises(InvalidValue, match="the list of tags of team/app") as failed:
        RemoteRepository(Remote(started(answer(body))), "team/app").names()
    assert str(failed.value).isprintable()


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("status", ["200 OK", "500 Oh", "404 Not Found"])
def test_nonsense_is_an_error_of_ours_wherever_it_comes(started, body, status, tmp_path, capsys):
    """By every call, by the client and by the command; never a traceback."""
    host = started(answer(body, status))
    there = RemoteRepository(Remote(host, wait=lambda seconds: None), "a")
    for call in ("manifest", "tags"):
        with pytest.raises(SimRegistryError):
            CALLS[call](there)
    laptop = Client(transports={host: there.remote})
    laptop.build(f"{host}/a:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    for act in (laptop.pull, laptop.push):
        with pytest.raises(TransferFailed) as failed:
            act(f"{host}/a:v1")
        assert str(failed.value).isprintable()
    with pytest.raises(SimRegistryError):
        copy_image(there, "v1", LocalRepository(Storage(), "a"))
    if status == "200 OK":
        assert cli.main(["copy", f"docker://{host}/a:v1", f"oci:{tmp_path / 'out'}"]) == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01",
                                  b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", b"HTTP/1.1 999999 No\r\n\r\n",
                                  b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"])  # fmt: skip
def test_what_is_no_http_is_a_broken_line(started, said):
    """It's asked for again, and then told with the host."""
    host = started(lambda line, asked: line.sendall(said))
    with pytest.raises(ConnectionFailed, match=f"{host}.*does a registry answer there"):
        Remote(host, wait=lambda seconds: None).send(Request("GET", "/v2/"))


@pytest.mark.parametrize("host", ["a b", "[::1", "a:99999", "a:b", "\x00", "a/b", "a/", "", "me@a", "a?b"])
def test_what_is_no_host_is_told(host):
    """Before anything is sent."""
    with pytest.raises(InvalidValue, match="host"):
        Remote(host)


def test_a_name_that_nobody_can_look_up_is_told():
    """A part of a host's name has 63 letters at most."""
    with pytest.raises(ConnectionFailed, match="an address that isn't one"):
        Remote("a" * 70 + ".example").send(Request("GET", "/v2/"))


def test_a_list_has_a_bound_of_its_own(started, monkeypatch):
    """Pages that are always new end it too, by their number or by their bytes."""
    asked_for: list[str] = []

    def script(line: socket.socket, asked: str) -> None:
        asked_for.append(asked)
        answer(b'{"tags":["a"]}', "200 OK", f'Link: <?last={len(asked_for)}>; rel="next"')(line, asked)

    there = RemoteRepository(Remote(started(script)), "a")
    monkeypatch.setattr(remote_repository, "MOST_PAGES", 5)
    with pytest.raises(TransferFailed, match="page 6, and so many"):
        there.names()
    assert len(asked_for) == 6
    monkeypatch.setattr(remote_repository, "LARGEST_LIST", 30)
    with pytest.raises(TransferFailed, match="more than 30 bytes"):
        there.names()
    assert len(asked_for) == 9
