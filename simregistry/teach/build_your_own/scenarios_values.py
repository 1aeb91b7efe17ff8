"""Scenarios for what needs no storage: the digest function, and the reader of references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from simregistry.client.transport import Transport
from simregistry.errors import TransferFailed
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response, shorten
from simregistry.registry.registry import Registry
from simregistry.teach.build_your_own.client_parts import OwnClient, Reading
from simregistry.teach.build_your_own.letter_world import code
from simregistry.teach.build_your_own.scenario import REFUSED, Part, PartScenario, refusing
from simregistry.teach.build_your_own.storage_parts import storage

# As descriptor.md gives it: the digest of no bytes at all is well known.
EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOT_TEXT = bytes(range(256))
LONG = b"a layer of some length " * 5_000
PREFIX = "A digest is algorithm:encoded, so it begins with `sha256:`. The 64 hexadecimal digits alone aren't a digest."
HASHED = "Hash all the bytes, as they came, and nothing beside them."


def slips(content: bytes) -> tuple[tuple[object, str], ...]:
    """List what people write in place of a digest of this content, each with what to say to it."""
    encoded = hashlib.sha256(content).hexdigest()
    return (
        (encoded, PREFIX),
        (f"sha256-{encoded}", "A colon stands between the algorithm and the digits."),
        (f"sha256:{encoded.upper()}", "The digits are lower case: descriptor.md has `[a-f0-9]{64}`."),
        (f"sha256:{encoded[:12]}", "Twelve digits are for reading; the name has all 64."),
        (f"sha256:{hashlib.sha1(content).hexdigest()}", "These are the 40 digits of SHA-1; SHA-256 gives 64."),
        (
            f"sha256:{hashlib.sha256(content).digest()!r}",
            "This is the hash as bytes; its hexadecimal digits are wanted.",
        ),
    )


def called(content: bytes) -> Callable[[Part], object]:
    """Call the function with some bytes."""
    return lambda mine: mine(content)


def uploaded(content: bytes, claimed: bytes) -> Callable[[Part], object]:
    """Upload some bytes under the name of some, to a registry whose uploads and shelf the function names."""

    def play(mine: Part) -> object:
        registry = Registry(storage=storage(digest=mine))
        begun = registry.handle(Request("POST", "/v2/app/blobs/uploads/"))
        close = Request.to("PUT", begun.header("Location"), {}, content, digest=str(Digest.of(claimed)))
        return f"{code(registry.handle(close))}; {len(registry.storage.blobs)} on the shelf"

    return play


def shelved(*contents: bytes) -> Callable[[Part], object]:
    """Put some contents on a shelf that names them by the function, and count what is there."""

    def play(mine: Part) -> object:
        shelf = storage(digest=mine).blobs
        for content in contents:
            shelf.put(content)
        return len(shelf)

    return play


DIGEST = (
    PartScenario(
        "the digest of a short text", "b'hello'", str(Digest.of(b"hello")), called(b"hello"), HASHED, slips(b"hello")
    ),
    PartScenario("no bytes at all have a digest too", "b''", EMPTY, called(b""), HASHED, slips(b"")),
    PartScenario(
        "bytes that aren't text",
        "the 256 different bytes",
        str(Digest.of(NOT_TEXT)),
        called(NOT_TEXT),
        "A layer isn't text. Hash the bytes, and decode nothing.",
        slips(NOT_TEXT),
    ),
    PartScenario(
        "a blob is uploaded under its name",
        f"{len(LONG):,} bytes, with the digest that any other tool computes",
        "201; 1 on the shelf",
        uploaded(LONG, LONG),
        "The registry takes a blob only if your digest and the client's are the same text.",
    ),
    PartScenario(
        "a blob is uploaded under another blob's name",
        "b'evil', with the digest of b'good'",
        "400 DIGEST_INVALID; 0 on the shelf",
        uploaded(b"evil", b"good"),
        "Other bytes have another digest, or anybody could replace a layer.",
    ),
    PartScenario(
        "equal bytes come twice, and other bytes once",
        "two equal blobs, and one that differs in its last byte",
        2,
        shelved(LONG, LONG, LONG[:-1] + b"!"),
        "Equal bytes have one name, and every byte counts: that is all the deduplication there is.",
    ),
)


@dataclass(slots=True)
class Hosts:
    """Registries that note what is asked of them, and have nothing."""

    asked: list[str] = field(default_factory=list)

    def at(self, host: str) -> Transport:
        """Make the line to one of them."""
        return _Noting(host, self.asked)


@dataclass(frozen=True, slots=True)
class _Noting:
    host: str
    asked: list[str]

    def send(self, request: Request) -> Response:
        """Note what is asked beside the ping."""
        if request.path != "/v2/":
            self.asked.append(f"{self.host} is asked: {request.line}")
        return Response(200 if request.path == "/v2/" else 404)


REACHED = ("docker.io", "registry.example", "localhost:5000", "localhost", "team", "app", "python", "my.app")


def pulled(text: str) -> Callable[[Part], object]:
    """Pull a reference on a laptop that reads it by the learner's function."""

    def play(mine: Part) -> object:
        hosts = Hosts()
        laptop = OwnClient(transports={host: hosts.at(host) for host in REACHED}, parse=Reading(mine))
        try:
            laptop.pull(text)
        except TransferFailed as error:
            return hosts.asked[0] if hosts.asked else str(error)
        return "nothing is asked"

    return play


def to(host: str, repository: str, which: str) -> str:
    """Write the request that a reference leads to if it is read well."""
    return f"{host} is asked: GET /v2/{repository}/manifests/{which}"


def reading_scenario(text: str, host: str, repository: str, which: str, rule: str) -> PartScenario:
    """Make the scenario of a reference that is in order, with the usual misreadings of it."""
    slips = (
        (
            to(host, repository.removeprefix("library/"), which),
            "On Docker Hub a name without a slash is in `library/`.",
        ),
        (to(host, repository, "latest"), "What stands after the name is lost."),
        (to("docker.io", f"{host}/{repository}", which), "The registry was taken for a part of the repository."),
    )
    return PartScenario(
        f"docker pull {shorten(text)}", shorten(repr(text)), to(host, repository, which), pulled(text), rule, slips
    )


def refusal_scenario(text: str, rule: str) -> PartScenario:
    """Make the scenario of a string that is no reference."""

    def play(mine: Part) -> object:
        return refusing(lambda: pulled(text)(mine))

    return PartScenario(f"docker pull {text or '(nothing)'}", repr(text), REFUSED, play, rule)


PINNED = str(Digest.of(b"x"))
HOST_RULE = "What stands before the first slash is a registry only if it has a dot or a colon in it, or is `localhost`."
NAME_RULE = "The name breaks the grammar of `<name>` (distribution-spec, Pulling manifests); raise ValueError."
REFERENCE = (
    reading_scenario(
        "python",
        "docker.io",
        "library/python",
        "latest",
        "Registry, namespace and tag are filled in: docker.io, library, latest.",
    ),
    reading_scenario(
        "python:3.13", "docker.io", "library/python", "3.13", "A colon after the last slash begins the tag."
    ),
    reading_scenario(
        "my.app", "docker.io", "library/my.app", "latest", "Without a slash there is no registry, even with a dot."
    ),
    reading_scenario("team/app", "docker.io", "team/app", "latest", HOST_RULE),
    reading_scenario(
        "docker.io/python",
        "docker.io",
        "library/python",
        "latest",
        "`library/` is left out by people, not by Docker Hub.",
    ),
    reading_scenario(
        "registry.example/app",
        "registry.example",
        "app",
        "latest",
        "`library/` is Docker Hub's habit; other registries have none.",
    ),
    reading_scenario(
        "registry.example/team/sub/app:v1",
        "registry.example",
        "team/sub/app",
        "v1",
        "All after the registry is the repository, slashes and all.",
    ),
    reading_scenario(
        "localhost:5000/app", "localhost:5000", "app", "latest", "A colon before the last slash begins a port."
    ),
    reading_scenario(
        "localhost:5000/app:v1", "localhost:5000", "app", "v1", "One colon is the port's, the other the tag's."
    ),
    reading_scenario("localhost/app", "localhost", "app", "latest", HOST_RULE),
    reading_scenario(
        f"python@{PINNED}", "docker.io", "library/python", PINNED, "After @ stands a digest, colon and all."
    ),
    reading_scenario(
        f"team/app:v1@{PINNED}",
        "docker.io",
        "team/app",
        PINNED,
        "Tag and digest may both be there; the digest decides.",
    ),
    PartScenario(
        "a digest alone brings no tag along",
        shorten(f"'app@{PINNED}'"),
        ("docker.io", "library/app", "", PINNED),
        lambda mine: tuple(mine(f"app@{PINNED}")),
        "`latest` is filled in only where there is neither a tag nor a digest.",
    ),
    PartScenario(
        "with a tag and no digest",
        "'registry.example/a.b/c_d:v1'",
        ("registry.example", "a.b/c_d", "v1", ""),
        lambda mine: tuple(mine("registry.example/a.b/c_d:v1")),
        "Four texts: registry, repository, tag, digest; what is not there is ''.",
    ),
    refusal_scenario("registry.example/Team/app", f"Repository names are lower case. {NAME_RULE}"),
    refusal_scenario("registry.example/team//app", f"A part is empty. {NAME_RULE}"),
    refusal_scenario("registry.example/app_", f"A separator ends the name. {NAME_RULE}"),
    refusal_scenario("", f"There is no name at all. {NAME_RULE}"),
)
