"""Where each part of an image is after some messages of a push or a pull, read off the registry and the messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simregistry.oci.digest import Digest
from simregistry.oci.messages import Exchange
from simregistry.registry.storage.repository import Repository
from simregistry.show.explorers.transfer_replay import ImagePart, TransferReplay

# A part has not left, is on its way in (an open upload, or not stored yet), or is where it is to go.
Place = Literal["away", "on the way", "there"]


@dataclass(frozen=True, slots=True)
class PartState:
    """One part: where it is, how it came there as far as the client knows, and the bytes that are on the way in."""

    part: ImagePart
    place: Place
    outcome: str = ""
    received: int = 0


@dataclass(frozen=True, slots=True)
class TransferState:
    """The state after some messages.

    ``tagged`` says whether the image has its name at the place where it goes. ``others`` counts what else is there.
    ``elsewhere`` is another repository of the registry that has parts of the image, and ``lent`` are those parts.
    """

    parts: tuple[PartState, ...]
    tagged: bool
    others: int
    pulled: bool = False
    elsewhere: str = ""
    lent: frozenset[Digest] = frozenset()

    def layers_in(self) -> int:
        """Count the layers that are where they go; on a machine those count that are not stored yet, too."""
        return sum(state.place == "there" or (state.place == "on the way" and self.pulled) for state in self.layers)

    @property
    def layers(self) -> tuple[PartState, ...]:
        """The layers alone: config and manifest come last."""
        return self.parts[:-2]

    def waiting(self) -> tuple[PartState, ...]:
        """List what is on the way in."""
        return tuple(state for state in self.parts if state.place == "on the way")


def state_at(replay: TransferReplay, messages: int, parts: tuple[ImagePart, ...]) -> TransferState:
    """Read the state after some messages."""
    return (_pushed if replay.journey.direction == "push" else _pulled)(replay, messages, parts)


def _pushed(replay: TransferReplay, messages: int, parts: tuple[ImagePart, ...]) -> TransferState:
    registry, name = replay.registry_at(messages), replay.reference.repository
    repository = registry.storage.repositories.get(name) or Repository(name)
    before = replay.start.storage.repositories.get(name) or Repository(name)
    uploads = {session.id: session.received for session in registry.storage.uploads}
    waiting = _waiting(replay, messages, uploads)
    had, has = {*before.blobs, *before.manifests}, {*repository.blobs, *repository.manifests}
    states = []
    for part in parts:
        if part.digest in has:
            states.append(PartState(part, "there", _outcome(replay, messages, part.digest, part.digest in had)))
        elif part.digest in waiting:
            states.append(PartState(part, "on the way", received=waiting[part.digest]))
        else:
            states.append(PartState(part, "away"))
    tagged = repository.tags.get(replay.reference.tag or "") == replay.manifest.digest
    digests = {part.digest for part in parts}
    elsewhere = next((other for other, kept in sorted(replay.start.storage.repositories.items())
                      if other != name and digests & kept.blobs.keys()), "")  # fmt: skip
    kept = replay.start.storage.repositories[elsewhere].blobs if elsewhere else {}
    return TransferState(tuple(states), tagged, len(has - digests), False, elsewhere, frozenset(digests & kept.keys()))


def _about(replay: TransferReplay, messages: int, digest: Digest) -> tuple[Exchange, ...]:
    """List the messages up to here that are about one part."""
    said = zip(replay.subjects, replay.exchanges[:messages], strict=False)
    return tuple(exchange for subject, exchange in said if subject == digest)


def _outcome(replay: TransferReplay, messages: int, digest: Digest, was_there: bool) -> str:
    """Say how a part came there; nothing while the client has not asked about one that was there all the time."""
    about = _about(replay, messages, digest)
    done = [exchange.request for exchange in about if exchange.status == 201]
    if any("mount" in request.query for request in done):
        return "mounted"
    # Some clients send a manifest that is there already.
    if not was_there or any(request.method == "PUT" for request in done):
        return "sent"
    # A client that is told that the tag has this manifest takes all of its blobs for granted.
    named = _about(replay, messages, replay.manifest.digest)
    answers = [exchange.response for exchange in (*about, *named) if exchange.request.method == "HEAD"]
    told = {answer.header("Docker-Content-Digest") for answer in answers if answer is not None and answer.ok}
    return "already there" if told & {str(digest), str(replay.manifest.digest)} else ""


def _waiting(replay: TransferReplay, messages: int, uploads: Mapping[str, int]) -> dict[Digest, int]:
    """Find out which blob each open upload is for: the one that the client spoke about when it began the upload."""
    waiting = {}
    for subject, exchange in zip(replay.subjects, replay.exchanges[:messages], strict=False):
        location = exchange.response.header("Location") if exchange.response is not None else ""
        for id, received in uploads.items():
            if subject is not None and id in location:
                waiting[subject] = received
    return waiting


def _pulled(replay: TransferReplay, messages: int, parts: tuple[ImagePart, ...]) -> TransferState:
    arrived, ended = replay.arrived_at(messages), replay.ended(messages)
    # With the manifest the client knows what it has already.
    knows = ended or replay.manifest.digest in arrived
    states = []
    for part in parts:
        fetched = "fetched" if ended else ""
        if part.digest in replay.had and part.digest != replay.manifest.digest:
            states.append(PartState(part, "there", "already here" if knows else ""))
        elif ended or part.digest in replay.had:
            states.append(PartState(part, "there", fetched))
        elif part.digest in arrived:
            states.append(PartState(part, "on the way", received=part.size))
        else:
            states.append(PartState(part, "away"))
    listed = ended or str(replay.reference) in replay.listed
    return TransferState(tuple(states), listed, len(replay.had - {part.digest for part in parts}), pulled=True)
