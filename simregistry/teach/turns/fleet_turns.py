"""The turn of the lesson on fleets: a way for each of four fleets, pulled in the simulator and held to two limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.study.fleet import WAYS, Fleet, Site, pull_all
from simregistry.table import Table, human
from simregistry.teach.answers import OneOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

MB, GB = 10**6, 10**9
IMAGE = (300 * MB, 240 * MB, 60 * MB)
# What the registry has in all. A mirror is filled with all of it, and that is egress as well.
REGISTRY_BYTES = 500 * GB


@dataclass(frozen=True, slots=True)
class FleetOrder:
    """A fleet that has to be ready in time, and the bytes that may leave the registry for it."""

    machines: int
    different: bool
    most_bytes: int
    most_seconds: float
    site: Site = field(default_factory=Site)

    def pull(self, way: str) -> Fleet:
        """Let the fleet pull: one image, or images without an equal layer."""
        images = [[size + machine for size in IMAGE] for machine in range(self.machines if self.different else 1)]
        return pull_all(self.machines, images, way, self.site)

    def row(self, name: str) -> tuple[str, ...]:
        """Write the order as the row of a table."""
        pulled = "each an image of its own" if self.different else "all the same image"
        line = f"{human(int(self.site.registry))} a second"
        return (
            name, f"{self.machines:,}", pulled, line, human(self.most_bytes), f"{self.most_seconds:g} s",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What came of pulling a fleet, and whether a limit was missed."""

    sentence: str
    missed: bool


# Each of the four ways fits one of these.
ORDERS: Mapping[str, FleetOrder] = {
    "shop": FleetOrder(400, False, GB, 60),
    "rollout": FleetOrder(2_000, False, 5 * GB, 60),
    "farm": FleetOrder(100, True, 70 * GB, 50),
    "ship": FleetOrder(50, False, 1_000 * GB, 30, Site(registry=12.5e6)),
}
RIGHT = {"shop": "cache", "rollout": "peers", "farm": "registry", "ship": "mirror"}
WANTED = f'a dictionary with a way for each of {", ".join(ORDERS)}, such as {{"shop": "registry", ...}}'


def choose() -> Turn:
    """Ask for the way of each fleet, and pull in that way."""
    columns = ("fleet", "machines", "they pull", "registry's line", "may leave the registry", "ready within")
    return Turn(
        "fleet.choose",
        "Four fleets pull images of 600 MB. Each has two limits. One is for the bytes that leave the registry, and one "
        "is for the time until the last machine is ready. The registry has 500 GB in all. A mirror is filled with all "
        "of that beforehand, and those bytes count as well. A cache starts empty. A machine's line carries 125 MB a "
        "second. The line of the mirror or cache carries 5 GB a second. With peers, five copies of each layer leave "
        f"the registry at most. Choose one of {', '.join(WAYS)} for each fleet. The simulator pulls in the way that "
        "you choose.",
        play,
        str(RIGHT),
        "The shop and the rollout pull one image each. A cache fetches it once, but its line is too narrow for 2,000 "
        "machines. Peers bring lines of their own. On the farm no layer is asked for twice, so no help saves anything. "
        "The line of the ship's registry is so slow that a single copy takes longer than 30 seconds.",
        (
            "Work out for each fleet how many copies leave the registry in each way, and how many bytes that is.",
            "Then divide the bytes by the line that carries them. How long does the cache's line need for the rollout?",
            "On the ship, how long does a single copy of 600 MB need over the registry's line?",
        ),
        Table(columns, tuple(order.row(name) for name, order in ORDERS.items())),
    )


def play(answer: object) -> Reveal:
    """Pull each fleet in the way that was chosen, and hold it to its limits."""
    chosen = _read(answer)
    if isinstance(chosen, Unread):
        return chosen.reveal(answer, WANTED)
    tried = {name: _try(ORDERS[name], way) for name, way in chosen.items()}
    shown = tuple(f"{name}: {tried[name].sentence}" for name in ORDERS)
    wrong = [name for name, outcome in tried.items() if outcome.missed]
    if wrong:
        sentence = f"Not yet. A limit is missed by: {', '.join(wrong)}."
        return Reveal(sentence, False, 1 - len(wrong) / len(ORDERS), shown)
    return Reveal("Right: every fleet keeps both of its limits.", True, 1.0, shown)


def _read(answer: object) -> Mapping[str, str] | Unread:
    """Read a dictionary with a way for each fleet."""
    if not isinstance(answer, dict) or set(answer) != set(ORDERS):
        return Unread("Write one way for each of the four fleets.")
    ways = {name: OneOf("", tuple(WAYS)).read(answer[name]) for name in ORDERS}
    unread = {name: way for name, way in ways.items() if isinstance(way, Unread)}
    if unread:
        name, first = next(iter(unread.items()))
        return Unread(f"{name}: {first.sentence or 'this is no way to pull.'}")
    return {name: way for name, way in ways.items() if isinstance(way, str)}


def _try(order: FleetOrder, way: str) -> OrderOutcome:
    """Pull a fleet, and say what left the registry and when, and which limits that misses."""
    fleet = order.pull(way)
    egress = fleet.registry_bytes + (REGISTRY_BYTES if way == "mirror" else 0)
    sentence = f"with {way}, {human(egress)} leave the registry, and all are ready after {fleet.slowest:.1f} s."
    missed = [f"at most {human(order.most_bytes)} may leave"] if egress > order.most_bytes else []
    if fleet.slowest > order.most_seconds:
        missed.append(f"it has to be ready within {order.most_seconds:g} s")
    if missed:
        return OrderOutcome(f"{sentence} But {' and '.join(missed)}.", True)
    idle = " But no machine had anything to give to another." if way == "peers" and not fleet.peer_bytes else ""
    return OrderOutcome(f"{sentence} It fits.{idle}", False)


TURNS = {"choose": choose}
