"""Scenarios for what travels to a registry: the negotiation and the push, over messages alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from simregistry.errors import Denied, ManifestInvalid
from simregistry.oci import json_document
from simregistry.oci.content import bytes_of
from simregistry.oci.media_types import DOCKER_MANIFEST, OCI_MANIFEST
from simregistry.oci.messages import Conversation, Request, Response
from simregistry.registry.api.refusal import refused
from simregistry.registry.middleware.middleware import Middleware, NextHandler
from simregistry.registry.storage.storage import Storage
from simregistry.teach.build_your_own.client_parts import OwnClient
from simregistry.teach.build_your_own.letter_world import V1, LetterWorld, config
from simregistry.teach.build_your_own.scenario import Part, PartScenario


@dataclass(frozen=True, slots=True)
class Turning:
    """A door that turns requests away whose method and path begin so, and notes what has come."""

    line: str
    seen: list[str] = field(default_factory=list)

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Refuse with 403, or go on."""
        self.seen.append(request.line)
        return refused(Denied("not here"), request) if request.line.startswith(self.line) else next_handler(request)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A door that turns manifests away whose Content-Type is not the mediaType that stands in them."""

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Refuse what is labelled wrongly, as the simulated registry does only where there is a label at all."""
        if request.method == "PUT" and "/manifests/" in request.path:
            inside = json_document.read_document(bytes_of(request.body), "manifest").get("mediaType")
            if request.header("Content-Type") != inside:
                return refused(ManifestInvalid(f"labelled {request.header('Content-Type')!r}, not {inside!r}"), request)
        return next_handler(request)


@dataclass(frozen=True, slots=True)
class Marked:
    """A door that wants back what it put into an upload's Location, as CNCF distribution does with its ``_state``."""

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Refuse an upload that lost its mark; mark the others' locations."""
        if request.method in ("PUT", "PATCH") and "/uploads/" in request.path and "_state" not in request.query:
            return refused(Denied("this is not the Location that you were given"), request)
        response = next_handler(request)
        place = response.header("Location")
        if "/uploads/" not in place:
            return response
        return replace(response, headers=dict(response.headers) | {"Location": f"{place}?_state=x"})


def asked(conversation: Conversation, world: LetterWorld, method: str) -> str:
    """List the blobs that were asked about by a method, each as often as it was."""
    lasts = [
        e.request.path.rpartition("/")[2]
        for e in conversation
        if e.request.method == method and "/blobs/sha" in e.request.path
    ]
    return ", ".join(sorted(world.names.get(last, last) for last in lasts)) or "nothing"


def negotiated(letters: str, *there: str, name: str = "app") -> Callable[[Part], object]:
    """Push an image of these layers where others are, by the learner's list of what is missing."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        for held_letters in there:
            world.image(held_letters, "v0", name=name)
        laptop = OwnClient(registries=[world.registry], own_missing=mine, dialect="skopeo")
        world.local(laptop, letters)
        conversation = laptop.push(V1).conversation
        down = sum(e.down for e in conversation if "/blobs/" in e.request.path)
        heads = asked(conversation, world, "HEAD")
        return f"asked about: {heads}; sent: {world.order(conversation)}; {down} bytes of blobs came down"

    return play


def talk(heads: str, sent: str) -> str:
    """Write what a good negotiation asks and sends."""
    return f"asked about: {heads}; sent: {sent}; 0 bytes of blobs came down"


ASK = "Ask once about each blob with HEAD /v2/<name>/blobs/<digest>: 200 is there, 404 is missing. HEAD brings no body."
MISSING = (
    PartScenario(
        "an empty registry",
        "an image of layers a and b",
        talk("config ab, layer a, layer b", "layer a → layer b → config ab → manifest ab"),
        negotiated("ab"),
        f"{ASK} The config is asked about too.",
    ),
    PartScenario(
        "the base is there",
        "layers a, b and c; the registry has an image of a",
        talk("config abc, layer a, layer b, layer c", "layer b → layer c → config abc → manifest abc"),
        negotiated("abc", "a"),
        "Only what the registry lacks is on your list.",
    ),
    PartScenario(
        "all is there",
        "the same image under another tag",
        talk("config ab, layer a, layer b", "manifest ab"),
        negotiated("ab", "ab"),
        "With nothing missing the list is empty.",
    ),
    PartScenario(
        "the top is there and the base is not",
        "layers a and b; the registry has an image of b",
        talk("config ab, layer a, layer b", "layer a → config ab → manifest ab"),
        negotiated("ab", "b"),
        "Each blob is there or not by itself: that the top is there says nothing of what is below.",
    ),
    PartScenario(
        "the same layer twice",
        "layers a, b and a again",
        talk("config aba, layer a, layer b", "layer a → layer b → config aba → manifest aba"),
        negotiated("aba"),
        f"{ASK} An image may hold a layer twice; it is one blob.",
    ),
    PartScenario(
        "another repository has it",
        "layers a and b; `other` has the image, `app` has nothing",
        talk("config ab, layer a, layer b", "layer a → layer b → config ab → manifest ab"),
        negotiated("ab", "ab", name="other"),
        "Ask the repository that you push to: a blob elsewhere is not to be read here.",
    ),
)


def pushed(
    letters: str, *there: str, media_type: str = OCI_MANIFEST, door: Middleware | None = None
) -> Callable[[Part], object]:
    """Push by the learner's function to a registry that has some images, perhaps behind a door."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        for held_letters in there:
            world.image(held_letters, "v0")
        registry = replace(world.registry, middleware=(door,) if door else ())
        laptop = OwnClient(registries=[registry], own_push=mine)
        manifest = world.local(laptop, letters, media_type=media_type).manifest
        conversation = laptop.push(V1).conversation
        held = world.storage.repositories["app"].tags.get("v1") if world.storage.repositories else None
        same = "the same digest" if held == manifest.digest else "another digest" if held else "none"
        return f"{world.order(conversation)}; tag v1: {same}; {conversation.up - manifest.size} bytes of blobs sent"

    return play


def stopped(line: str) -> Callable[[Part], object]:
    """Push to a registry that turns some requests away: the push has to say so, and to stop."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        door = Turning(line)
        laptop = OwnClient(registries=[replace(world.registry, middleware=(door,))], own_push=mine)
        world.local(laptop, "a")
        try:
            laptop.push(V1)
        except OSError:
            last = "the manifest" if door.seen[-1].startswith("PUT /v2/app/manifests") else "a blob"
            return f"OSError; the last thing sent is {last}"
        return "it ends as if all were well"

    return play


def good_push_says(letters: str, sent: int) -> str:
    """Write how a good push ends."""
    order = " → ".join([*(f"layer {letter}" for letter in letters), f"config {letters}", f"manifest {letters}"])
    return f"{order}; tag v1: the same digest; {sent} bytes of blobs sent"


LAST = "The manifest goes last: a registry refuses one whose blobs are not there."
CHECKED = "Look at the status of each answer: 201 is taken. On any other raise OSError and send no more."
PUSH = (
    PartScenario(
        "a first push",
        "layers a and b, an empty registry",
        good_push_says("ab", 20 + len(config("ab"))),
        pushed("ab"),
        LAST,
    ),
    PartScenario(
        "the base is there",
        "layers a and b; the registry has an image of a",
        f"layer b → config ab → manifest ab; tag v1: the same digest; {10 + len(config('ab'))} bytes of blobs sent",
        pushed("ab", "a"),
        "Ask before you send: what is there does not travel again.",
    ),
    PartScenario(
        "all is there",
        "the same image under another tag",
        "manifest ab; tag v1: the same digest; 0 bytes of blobs sent",
        pushed("ab", "ab"),
        "A new tag costs one small document.",
    ),
    PartScenario(
        "a manifest of Docker's own media type",
        "mediaType in the manifest is Docker's",
        good_push_says("a", 10 + len(config("a"))),
        pushed("a", media_type=DOCKER_MANIFEST, door=Labelled()),
        "Content-Type has to be the mediaType in the manifest (distribution-spec, Pushing Manifests).",
    ),
    PartScenario(
        "a Location with something in it",
        "the registry answers the POST with Location …?_state=x",
        good_push_says("a", 10 + len(config("a"))),
        pushed("a", door=Marked()),
        "Close the upload at the Location that you were given, its query with it; `Request.to` adds the digest to it.",
    ),
    PartScenario(
        "a blob is refused",
        "the registry answers each PUT of a blob with 403",
        "OSError; the last thing sent is a blob",
        stopped("PUT /v2/app/blobs"),
        CHECKED,
    ),
    PartScenario(
        "the manifest is refused",
        "the registry answers the last PUT with 403",
        "OSError; the last thing sent is the manifest",
        stopped("PUT /v2/app/manifests"),
        CHECKED,
    ),
)
