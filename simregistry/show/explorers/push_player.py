"""Play a push or a pull message by message, cut the line, and see what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simregistry.client.client import Client
from simregistry.client.dialect import DIALECTS
from simregistry.errors import TransferFailed
from simregistry.registry.registry import Registry
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Scene
from simregistry.show.explorers.transfer_picture import WIDTH, TransferPicture
from simregistry.show.explorers.transfer_replay import NOTHING, Journey, TransferReplay, name_at_host
from simregistry.show.explorers.transfer_state import TransferState, state_at
from simregistry.study.examples import webapp
from simregistry.table import Table

LAYERS = ("base", "requirements", "dependencies", "code")
IMAGES, BEFORE = ("web:v1", "web:v2", "team/web:v2"), ("web:v1", "web:v2")
DIRECTIONS, VIEWS = ("push", "pull"), ("every message", "one step a blob")
# The choices that begin a new journey, and what they are called there.
CHOICES = ("direction", "image", "before", "dialect")


class PushPlayer(Explorer):
    """A push or a pull of one image, whose line can be cut; ``source`` has all images that may travel."""

    def __init__(
        self,
        source: Registry,
        images: Sequence[str],
        before: Sequence[str],
        journey: Journey,
        layer_names: Sequence[str] = LAYERS,
    ) -> None:
        self.source, self.layer_names = source, layer_names
        self.options = {
            "direction": DIRECTIONS, "image": tuple(images), "before": (NOTHING, *before), "dialect": tuple(DIALECTS),
        }  # fmt: skip
        self.folded = False
        self._begin(journey)
        super().__init__()

    def _begin(self, journey: Journey) -> None:
        self.replay = TransferReplay.of(self.source, journey)
        self.parts = self.replay.parts(self.layer_names)
        self.at, self.last = 0, ""
        # How many layers were in when the line was cut, and whether somebody has looked since.
        self.in_at_cut, self.looked = -1, False

    @property
    def pushed(self) -> bool:
        """Whether the image goes to the registry."""
        return self.replay.journey.direction == "push"

    @property
    def end(self) -> int:
        """How many messages there are."""
        return len(self.replay.exchanges)

    @property
    def since(self) -> int:
        """How many messages there were before the last step."""
        return max((end for end in self.replay.steps(self.folded) if end < self.at), default=0)

    def state(self) -> TransferState:
        """Read the state after the messages that have been played."""
        return state_at(self.replay, self.at, self.parts)

    def act(self, hand: Hand) -> None:
        """Go to a message, cut the line, try again, look, or choose another journey."""
        self.last = ""
        steps = self.replay.steps(self.folded)
        if hand.do in ("step", "play"):
            self.at = next((end for end in steps if end > self.at), self.end)
        elif hand.do == "at" and not isinstance(hand.value, str) and hand.value == hand.value:
            self.at = steps[int(min(max(hand.value, 0), len(steps) - 1))]
        elif hand.do == "go":
            self._go(hand.id.removeprefix("have-"))
        elif hand.do == "fold" and hand.value in VIEWS:
            self.folded = hand.value == VIEWS[1]
            self.at = next(end for end in self.replay.steps(self.folded) if end >= self.at)
        elif hand.do == "cut" and self.at < self.end:
            self._cut()
        elif hand.do == "again" and not self.replay.journey.whole:
            self.at, self.replay = self.end, self.replay.tried_again()
            self.last = f"The line holds again, and the client tries once more. It has {self.end - self.at} messages."
        elif hand.do == "look":
            self._look()
        else:
            self._choose(hand)

    def _go(self, name: str) -> None:
        for part in self.parts:
            if part.name != name:
                continue
            if part.digest in self.replay.subjects:
                message = self.replay.subjects.index(part.digest) + 1
                self.at = next(end for end in self.replay.steps(self.folded) if end >= message)
            else:
                self.last = f"No message is about {_with_article(name)}."

    def _cut(self) -> None:
        self.in_at_cut, self.looked = self.state().layers_in(), False
        self.replay = self.replay.cut_at(self.at)
        self.at = self.end
        dropped = "" if self.pushed else " The client drops what it had not stored."
        self.last = f"You cut the line. Message {self.at} never arrives.{dropped} {self._left(self.state())}"

    def _look(self) -> None:
        image = self.replay.journey.image
        self.looked = not self.replay.journey.whole and self.at == self.end
        if not self.pushed:
            listed = str(self.replay.reference) in self.replay.client_at(self.at).store.images
            self.last = (
                f"The machine {'has' if listed else 'does not have'} the image {image} now. {self._left(self.state())}"
            )
            return
        try:
            pull = Client(registries=[self.replay.registry_at(self.at)]).pull(name_at_host(self.source, image))
            self.last = f"Another machine pulls {image} and gets all of it, {pull.image_bytes:,} bytes."
        except TransferFailed as refusal:
            self.last = f"Another machine tries to pull {image} and gets an error. {refusal}."

    def _choose(self, hand: Hand) -> None:
        """Begin again, perhaps with another choice."""
        journey = replace(self.replay.journey, cuts=(), whole=True)
        if hand.do in CHOICES and hand.value in self.options[hand.do]:
            chosen = {id: str(getattr(journey, id)) for id in CHOICES} | {hand.do: str(hand.value)}
            direction, image, before, dialect = (chosen[id] for id in CHOICES)
            self._begin(Journey(direction, image, before, dialect, journey.chunk_bytes))
        elif hand.do == "begin":
            self._begin(journey)

    def draw(self) -> Scene:
        """Draw client, line and registry after the messages that have been played."""
        journey, state = self.replay.journey, self.state()
        picture = TransferPicture(self.replay, self.since, self.at, state)
        layers, place = len(state.layers), "in the repository" if self.pushed else "on the machine"
        look = f"let another machine pull {journey.image}" if self.pushed else f"look whether {journey.image} is there"
        goal = f"Cut the line when {layers - 1} of the {layers} layers are {place}. Then {look}."
        return Scene(
            title=f"A {journey.direction} of {journey.image}, message by message",
            width=WIDTH,
            height=picture.height,
            marks=tuple(picture.marks()),
            says=self.last or self._says(state),
            controls=self._controls(),
            goal=goal if layers > 1 else "",
            reached=self.looked and self.in_at_cut == layers - 1,
            table=self._table(state),
        )

    def _says(self, state: TransferState) -> str:
        """Say what the last message was for, what was answered, and what that changed."""
        journey = self.replay.journey
        if not self.at:
            move, place = ("push", "pushed") if self.pushed else ("pull", "pulled")
            return f"The client is about to {move} {journey.image}. Before that, it has {place} {journey.before}."
        step, subject = self.replay.exchanges[self.since : self.at], self.replay.subjects[self.at - 1]
        name = next((part.name for part in self.parts if part.digest == subject), "registry")
        which = f"Message {self.at} is" if len(step) == 1 else f"Messages {self.since + 1} to {self.at} are"
        answer = "no answer came" if step[-1].status is None else f"the answer is {step[-1].status}"
        bytes_moved = sum((one.up or one.down) for one in step if one.response is not None)
        moved = f" {bytes_moved:,} bytes travel." if bytes_moved else ""
        return f"{which} about {_with_article(name)}, and {answer}.{moved} {self._left(state)}"

    def _left(self, state: TransferState) -> str:
        """Say what there is where the image goes."""
        place = f"The repository {self.replay.reference.repository}" if self.pushed else "The machine's local store"
        stored = sum(layer.place == "there" for layer in state.layers)
        waiting = state.waiting()
        beside = f"{sum(one.received for one in waiting):,} bytes"
        if self.pushed:
            way = f"One upload is open, with {beside}." if waiting else "No upload is open."
        else:
            way = f"Arrived and not stored yet: {_parts(len(waiting))}, {beside}." if waiting else ""
        return f"{place} has {stored} of the {len(state.layers)} layers. {way}".strip()

    def _controls(self) -> tuple[Control, ...]:
        journey, steps = self.replay.journey, self.replay.steps(self.folded)
        labels = {"direction": "direction", "image": "image", "before": "earlier image", "dialect": "habits of"}
        chosen = {id: str(getattr(journey, id)) for id in CHOICES}
        choices = [
            Control(
                id, "choice", labels[id], chosen[id], self.options[id], disabled=id == "dialect" and not self.pushed
            )
            for id in CHOICES
        ]
        step = next(number for number, end in enumerate(steps) if end >= self.at)
        done, whole = self.at >= self.end, journey.whole
        return (
            *choices,
            Control("fold", "choice", "show", VIEWS[self.folded], VIEWS),
            Control("at", "slider", "step", step, (f"{step} of {len(steps) - 1}",), low=0, high=len(steps) - 1),
            Control("step", "button", "Step", disabled=done),
            Control("play", "play", "Play", disabled=done),
            Control("cut", "button", "Cut the line", disabled=done),
            Control("again", "button", "Try again", disabled=whole),
            Control("look", "button", "Let another machine pull" if self.pushed else "Look for the image"),
            Control("begin", "button", "Begin again"),
        )

    def _table(self, state: TransferState) -> Table:
        """Count what is where, in parts and in bytes."""
        there = [one.part.size for one in state.parts if one.place == "there"]
        waiting = [one.received for one in state.waiting()]
        # What was on the way when the line broke never arrived.
        said = [exchange for exchange in self.replay.exchanges[: self.at] if exchange.response is not None]
        moved = sum(exchange.up if self.pushed else exchange.down for exchange in said)
        if self.pushed:
            names = (f"in {self.replay.reference.repository}", "in open uploads", "sent by the laptop")
        else:
            names = ("in the local store", "arrived, not stored", "sent by the registry")
        rows = (
            (names[0], f"{len(there)} of {len(state.parts)} parts", sum(there)),
            (names[1], _parts(len(waiting)), sum(waiting)),
            (names[2], f"in {len(said)} messages", moved),
        )
        return Table(("where", "how many", "bytes"), rows)


def _with_article(name: str) -> str:
    """Say "the base", but "layer 2"."""
    return name if name.startswith("layer ") else f"the {name}"


def _parts(number: int) -> str:
    return "1 part" if number == 1 else f"{number} parts"


def push_player(
    source: Registry | None = None,
    images: Sequence[str] = IMAGES,
    before: Sequence[str] = BEFORE,
    *,
    direction: str = "push",
    chunk_bytes: int = 0,
) -> PushPlayer:
    """Show a push or a pull that can be played, dragged back and cut; without a source it is the web app that travels.

    ``source`` is a registry that has the images. ``before`` are those that may have been moved the same way earlier.
    """
    journey = Journey(direction, images[0], chunk_bytes=chunk_bytes)
    return PushPlayer(source or _webapp_registry(), images, before, journey)


def _webapp_registry() -> Registry:
    """Make a registry with two versions of the web app, and with the second one in another repository as well."""
    registry = Registry(webapp.HOST)
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"{webapp.HOST}/web:{version}")
    laptop.tag(f"{webapp.HOST}/web:v2", f"{webapp.HOST}/team/web:v2")
    laptop.push(f"{webapp.HOST}/team/web:v2")
    return registry
