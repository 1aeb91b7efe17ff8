"""Scenarios for what keeps bytes: the blob store, and the upload that can be gone on with."""

from __future__ import annotations

from collections.abc import Callable

from simregistry.client.client import Client
from simregistry.client.transport import BrokenLine, InProcess
from simregistry.errors import TransferFailed
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry
from simregistry.teach.build_your_own.collector_parts import collect_with_parts
from simregistry.teach.build_your_own.letter_world import HOST, LetterWorld, config, layer
from simregistry.teach.build_your_own.scenario import REFUSED, Part, PartScenario, refusing
from simregistry.teach.build_your_own.storage_parts import storage

ONE, OTHER = b"one blob", b"another blob, longer"
ONE_NAME, OTHER_NAME = str(Digest.of(ONE)), str(Digest.of(OTHER))


def carried(mine: Part) -> object:
    """Push an image to a registry over the store, and pull it with another laptop."""
    world = LetterWorld(storage(blob_store=mine))
    here, there = Client(registries=[world.registry]), Client(registries=[world.registry])
    world.local(here, "ab")
    here.push(f"{HOST}/app:v1")
    return world.listed(blob.digest for blob in there.pull(f"{HOST}/app:v1").blobs)


def shared(mine: Part) -> object:
    """Put two images with one base into two repositories, and count bytes."""
    world = LetterWorld(storage(blob_store=mine))
    world.image("ab", "v1")
    world.image("ab", "v1", name="other")
    world.image("ac", "v2")
    digests = list(world.storage.blobs)
    return f"{world.shelf()}: {len(digests)} blobs, {world.storage.blobs.stored_bytes:,} bytes"


def expected_shared() -> str:
    """Write what should be there: each different content once."""
    world = LetterWorld()
    images = [world.make(letters) for letters in ("ab", "ac")]
    blobs = {digest: len(blob) for image in images for digest, blob in image.blobs.items()}
    blobs |= {image.manifest.digest: image.manifest.size for image in images}
    return f"{world.listed(blobs)}: {len(blobs)} blobs, {sum(blobs.values()):,} bytes"


def wrong_name(mine: Part) -> object:
    """Put bytes under another blob's name."""
    store = mine()
    verdict = refusing(lambda: store.put(ONE, OTHER_NAME))
    return f"{verdict}; {len(store.digests())} kept"


def given_back(mine: Part) -> object:
    """Put two blobs and ask for both."""
    store = mine()
    store.put(ONE, ONE_NAME)
    store.put(OTHER, OTHER_NAME)
    return (store.get(ONE_NAME), store.get(OTHER_NAME))


def unknown(act: str) -> Callable[[Part], object]:
    """Ask for, or delete, what is not there."""

    def play(mine: Part) -> object:
        store = mine()
        store.put(ONE, ONE_NAME)
        return refusing(lambda: getattr(store, act)(OTHER_NAME), KeyError)

    return play


def deleted(mine: Part) -> object:
    """Let a collector sweep what no tag leads to, and see what is left and freed."""
    world = LetterWorld(storage(blob_store=mine))
    world.image("ab", "v1")
    world.blobs("c")
    freed = collect_with_parts(world.storage)
    return f"{freed} bytes freed; left: {world.shelf()}"


def empty_blob(mine: Part) -> object:
    """Put the blob of no bytes."""
    store = mine()
    name = str(Digest.of(b""))
    store.put(b"", name)
    return (store.get(name), list(store.digests()) == [name], store.delete(name), list(store.digests()))


def apart(mine: Part) -> object:
    """Open two stores, and put a blob into one."""
    store, other = mine(), mine()
    store.put(ONE, ONE_NAME)
    return len(other.digests())


BLOB_STORE = (
    PartScenario(
        "a push and a pull over your store",
        "an image of two layers",
        "config ab, layer a, layer b, manifest ab",
        carried,
        "What was put under a digest is given by that digest, byte for byte.",
    ),
    PartScenario(
        "two blobs, each by its own name",
        "b'one blob', and another",
        (ONE, OTHER),
        given_back,
        "get(digest) gives the bytes that were put under this very digest.",
    ),
    PartScenario(
        "two images and two repositories share a base",
        "app:v1 of layers a and b, other:v1 the same, app:v2 of a and c",
        expected_shared(),
        shared,
        "Each digest is stored once, no matter who brings it and how often.",
    ),
    PartScenario(
        "bytes under another blob's name",
        "put(b'one blob', the digest of other bytes)",
        f"{REFUSED}; 0 kept",
        wrong_name,
        "The store hashes what it gets. If the name doesn't fit, it raises ValueError and keeps nothing.",
        ((f"{REFUSED}; 1 kept", "It is refused too late: the bytes are on the shelf by then."),),
    ),
    PartScenario(
        "get what is not there",
        "get(a digest that was never put)",
        REFUSED,
        unknown("get"),
        "Raise KeyError: None would travel on as if it were a blob.",
    ),
    PartScenario(
        "delete what is not there",
        "delete(a digest that was never put)",
        REFUSED,
        unknown("delete"),
        "Raise KeyError: who deletes twice has lost count of something.",
    ),
    PartScenario(
        "a collector sweeps one image's blobs",
        "app:v1 of layers a and b; config c and layer c with no manifest",
        f"{len(layer('c')) + len(config('c'))} bytes freed; left: config ab, layer a, layer b, manifest ab",
        deleted,
        "delete(digest) takes one blob away and gives the bytes that this frees.",
    ),
    PartScenario(
        "a blob of no bytes",
        "put(b'', its digest), then delete",
        (b"", True, 0, []),
        empty_blob,
        "No bytes are content too: they have a digest, and a place in the list.",
    ),
    PartScenario(
        "two registries, two stores",
        "a blob is put into one of them; how many has the other?",
        0,
        apart,
        "Each store has its own blobs. Make them in __init__, because all stores share what is in the class.",
    ),
)


BLOB = b"0123456789"


def chunks_scenario(*sent: tuple[bytes, str]) -> Callable[[Part], object]:
    """Send chunks with their Content-Range, ask how far the upload got, and close it as BLOB."""

    def play(mine: Part) -> object:
        registry = Registry(storage=storage(resume=mine))
        place = registry.handle(Request("POST", "/v2/app/blobs/uploads/")).header("Location")
        answers = []
        for body, content_range in sent:
            headers = {"Content-Range": content_range} if content_range else {}
            answer = registry.handle(Request.to("PATCH", place, headers, body))
            answers.append(f"{answer.status} Range {answer.header('Range') or '–'}")
        answers.append(f"GET: Range {registry.handle(Request.to('GET', place)).header('Range')}")
        closed = registry.handle(Request.to("PUT", place, digest=str(Digest.of(BLOB))))
        return ", ".join([*answers, f"close: {closed.status}"])

    return play


def gone_on(mine: Part) -> object:
    """Push in chunks over a line that breaks, push again, and see what travelled and what is there."""
    registry = Registry(HOST, storage(resume=mine))
    world = LetterWorld(registry.storage)
    laptop = Client(transports={HOST: BrokenLine(InProcess(registry), after=5)}, chunk_bytes=4)
    world.local(laptop, "a")
    try:
        laptop.push(f"{HOST}/app:v1")
    except TransferFailed:
        pass
    conversation = laptop.push(f"{HOST}/app:v1").conversation
    sent = [e.request.header("Content-Range") for e in conversation if e.request.method == "PATCH"]
    held = registry.storage.blobs.get(Digest.of(layer("a")))
    return f"the layer goes on with {sent[0]}; on the shelf: {bytes_of(held)!r}"


def two_at_once(mine: Part) -> object:
    """Open two uploads and send to them by turns."""
    registry = Registry(storage=storage(resume=mine))
    places = [registry.handle(Request("POST", "/v2/app/blobs/uploads/")).header("Location") for _ in range(2)]
    for place, body in zip(places, (b"left", b"right"), strict=True):
        registry.handle(Request.to("PATCH", place, {}, body))
    closing = zip(places, (b"left", b"right"), strict=True)
    return [registry.handle(Request.to("PUT", place, digest=str(Digest.of(body)))).status for place, body in closing]


ORDER = "A chunk is taken only if it begins where the last one ended; what the client believes counts for nothing."
FIT = "first-last is inclusive: it is last - first + 1 bytes. Where the body has another length the answer is 400."
RESUME = (
    PartScenario(
        "in one stream",
        "PATCH b'0123456789' without Content-Range",
        "202 Range 0-9, GET: Range 0-9, close: 201",
        chunks_scenario((BLOB, "")),
        "Without a Content-Range all that comes is appended. Range names the last byte that is here: of ten bytes it "
        "is 9.",
        (("202 Range 0-10, GET: Range 0-10, close: 201", "Off by one: byte 10 would be the eleventh."),),
    ),
    PartScenario(
        "in two chunks",
        "0-3, then 4-9",
        "202 Range 0-3, 202 Range 0-9, GET: Range 0-9, close: 201",
        chunks_scenario((b"0123", "0-3"), (b"456789", "4-9")),
        ORDER,
    ),
    PartScenario(
        "in chunks of one byte, and the rest",
        "0-0, 1-1, then 2-9",
        "202 Range 0-0, 202 Range 0-1, 202 Range 0-9, GET: Range 0-9, close: 201",
        chunks_scenario((b"0", "0-0"), (b"1", "1-1"), (b"23456789", "2-9")),
        FIT,
    ),
    PartScenario(
        "a chunk is left out",
        "0-3, then 6-9",
        "202 Range 0-3, 416 Range 0-3, GET: Range 0-3, close: 400",
        chunks_scenario((b"0123", "0-3"), (b"6789", "6-9")),
        f"{ORDER} The answer is 416, and nothing of the chunk is kept.",
    ),
    PartScenario(
        "a chunk comes again",
        "0-3, 0-3 again, then 4-9",
        "202 Range 0-3, 416 Range 0-3, 202 Range 0-9, GET: Range 0-9, close: 201",
        chunks_scenario((b"0123", "0-3"), (b"0123", "0-3"), (b"456789", "4-9")),
        f"{ORDER} A client whose answer was lost sends a chunk twice, and twice in the blob it would be another blob.",
    ),
    PartScenario(
        "the first chunk is not the first",
        "6-9 at once",
        "416 Range 0-0, GET: Range 0-0, close: 400",
        chunks_scenario((b"6789", "6-9")),
        ORDER,
    ),
    PartScenario(
        "a body shorter than its range",
        "0-9 with four bytes",
        "400 Range 0-0, GET: Range 0-0, close: 400",
        chunks_scenario((b"0123", "0-9")),
        FIT,
    ),
    PartScenario(
        "a body longer than its range",
        "0-3 with ten bytes, then all of it",
        "400 Range 0-0, 202 Range 0-9, GET: Range 0-9, close: 201",
        chunks_scenario((BLOB, "0-3"), (BLOB, "0-9")),
        FIT,
    ),
    PartScenario(
        "the line breaks in the middle of a layer",
        "a push in chunks of 4 bytes; the answer to the GET says where to go on",
        "the layer goes on with 4-7; on the shelf: b'aaaaaaaaaa'",
        gone_on,
        "The client asks how far the upload got and goes on from there: Range has to tell what is really here.",
    ),
    PartScenario(
        "two uploads at once",
        "by turns, one chunk each",
        [201, 201],
        two_at_once,
        "Each upload has bytes of its own: make them in __init__.",
    ),
)
