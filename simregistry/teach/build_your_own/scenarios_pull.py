"""Scenarios for the pull: what is fetched, and what must not be believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Request, Response
from simregistry.registry.middleware.middleware import NextHandler
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage
from simregistry.teach.build_your_own.client_parts import OwnClient
from simregistry.teach.build_your_own.letter_world import HOST, V1, LetterWorld, layer
from simregistry.teach.build_your_own.scenario import REFUSED, Part, PartScenario
from simregistry.teach.build_your_own.scenarios_transfer import asked


@dataclass(frozen=True, slots=True)
class Swapping:
    """A door that gives another manifest than was asked for, well labelled: an intruder in the registry."""

    other: ImageManifest

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Answer with the other manifest."""
        response = next_handler(request)
        if request.method != "GET" or "/manifests/" not in request.path or not response.ok:
            return response
        headers = dict(response.headers) | {"Docker-Content-Digest": self.other.digest}
        return replace(response, headers=headers, body=self.other.raw)


def fetched(letters: str, *here: str, reference: str = "v1") -> Callable[[Part], object]:
    """Pull by the learner's function onto a laptop that has some images; say what was fetched and what is there."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        manifest = world.image(letters, "v1").manifest
        laptop = OwnClient(registries=[world.registry], own_pull=mine)
        for held_letters in here:
            world.local(laptop, held_letters, f"{HOST}/old:{held_letters}")
        name = V1 if reference == "v1" else f"{HOST}/app@{manifest.digest}"
        conversation = laptop.pull(name).conversation
        held = laptop.store.image(name)
        fit = all(Digest.of(laptop.store.content(blob.digest)) == blob.digest for blob in held.blobs)
        verdict = (
            "every byte fits its name" if fit and held.digest == manifest.digest else "bytes that do not fit their name"
        )
        return f"fetched: {asked(conversation, world, 'GET')}; {verdict}"

    return play


def spoiled(what: str, reference: str = "v1") -> Callable[[Part], object]:
    """Pull from a registry in which somebody changed something: it must not be taken in."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        manifest = world.image("ab", "v1").manifest
        other = world.image("cd").manifest
        victims = {name: Digest(digest) for digest, name in world.names.items()}
        registry: Registry = world.registry
        if what == "manifest":
            world.storage.repositories["app"].tamper(manifest.digest, other)
        elif what == "answer":
            registry = replace(registry, middleware=(Swapping(other),))
        elif what == "gone":
            world.storage.blobs.delete(victims["layer b"])
        elif what != "tag":
            world.storage.blobs.tamper(victims[what], layer("x"))
        laptop = OwnClient(registries=[registry], own_pull=mine)
        by_tag = f"{HOST}/app:{'v9' if what == 'tag' else 'v1'}"
        name = f"{HOST}/app@{manifest.digest}" if reference == "digest" else by_tag
        try:
            laptop.pull(name)
        except (ValueError, OSError):
            return f"{REFUSED}; {len(laptop.store.images)} images here"
        return "it is taken"

    return play


VERIFY = "Hash what came and hold it against the digest it was asked by; raise ValueError where they differ."
NOT_TAKEN = f"{REFUSED}; 0 images here"
PULL = (
    PartScenario(
        "a first pull",
        "layers a and b, a laptop with nothing",
        "fetched: config ab, layer a, layer b; every byte fits its name",
        fetched("ab"),
        "The manifest says what there is to fetch: each layer, and the config.",
    ),
    PartScenario(
        "the base is here",
        "layers a and b; the laptop has an image of a",
        "fetched: config ab, layer b; every byte fits its name",
        fetched("ab", "a"),
        "What is in `here` is not fetched again.",
    ),
    PartScenario(
        "all is here",
        "the laptop built the same image",
        "fetched: nothing; every byte fits its name",
        fetched("ab", "ab"),
        "The client works out what it lacks; here it lacks nothing.",
    ),
    PartScenario(
        "the same layer twice",
        "layers a, b and a again",
        "fetched: config aba, layer a, layer b; every byte fits its name",
        fetched("aba"),
        "One blob is fetched once, however often the manifest names it.",
    ),
    PartScenario(
        "by digest",
        "app@sha256:…",
        "fetched: config ab, layer a, layer b; every byte fits its name",
        fetched("ab", reference="digest"),
        "A digest stands where a tag stands: /v2/<name>/manifests/<reference>.",
    ),
    PartScenario(
        "a layer was changed in the registry", "layer b has other bytes now", NOT_TAKEN, spoiled("layer b"), VERIFY
    ),
    PartScenario(
        "the config was changed in the registry",
        "config ab has other bytes now",
        NOT_TAKEN,
        spoiled("config ab"),
        f"{VERIFY} The config too.",
    ),
    PartScenario("a layer is gone", "the blob is answered with 404", NOT_TAKEN, spoiled("gone"), VERIFY),
    PartScenario(
        "the manifest was changed in the registry",
        "its bytes do not fit the header Docker-Content-Digest",
        NOT_TAKEN,
        spoiled("manifest"),
        f"{VERIFY} By tag it is asked by no digest: the header Docker-Content-Digest says which one it should have.",
    ),
    PartScenario(
        "another manifest is given for a digest",
        "app@sha256:…, answered with another image, well labelled",
        NOT_TAKEN,
        spoiled("answer", "digest"),
        f"{VERIFY} A header is the registry's word; the digest that you asked by is yours.",
    ),
    PartScenario(
        "no such tag",
        "app:v9, answered with 404",
        NOT_TAKEN,
        spoiled("tag"),
        "Look at the status: only 200 brings a manifest. Raise OSError or ValueError on any other.",
    ),
)
