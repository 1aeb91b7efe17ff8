"""The turn of the lesson on a pull's time: four slow pulls, and one change for each that is really replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf

from simregistry.study.timing import ENGINE, ClientDefaults, Conditions, replay, work_of_layers
from simregistry.table import Table
from simregistry.teach.answers import OneOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

MB = 1_000_000
# A change is good enough if the pull then takes at most this share of its time.
GOAL = 0.5


@dataclass(frozen=True, slots=True)
class SlowPull:
    """An image of equal layers, and the client and conditions under which it is pulled."""

    layers: int
    size: int
    conditions: Conditions
    client: ClientDefaults = ENGINE

    def seconds(self) -> float:
        """Replay the pull."""
        return replay(work_of_layers([self.size] * self.layers), self.client, self.conditions).seconds


PULLS: Mapping[str, SlowPull] = {
    "office": SlowPull(5, 60 * MB, Conditions(latency=0.02, download=5 * MB)),
    "data centre": SlowPull(5, 60 * MB, Conditions(latency=0.002, download=1250 * MB)),
    "ship": SlowPull(2, MB // 20, Conditions(latency=0.6, download=2.5 * MB)),
    "build server": SlowPull(10, 30 * MB, Conditions(latency=0.02, download=125 * MB, each=5 * MB)),
}


def _wider_line(pull: SlowPull) -> SlowPull:
    now = pull.conditions
    return replace(pull, conditions=replace(now, download=10 * now.download))


def _faster_unpacking(pull: SlowPull) -> SlowPull:
    now = pull.conditions
    return replace(pull, conditions=replace(now, gunzip=10 * now.gunzip, disk=10 * now.disk))


def _shorter_way(pull: SlowPull) -> SlowPull:
    now = pull.conditions
    return replace(pull, conditions=replace(now, latency=now.latency / 10))


def _more_downloads(pull: SlowPull) -> SlowPull:
    return replace(pull, client=replace(pull.client, downloads=10))


def _one_layer(pull: SlowPull) -> SlowPull:
    return replace(pull, layers=1, size=pull.layers * pull.size)


# Each change with what it does, in words and to a pull.
CHANGES: Mapping[str, tuple[str, Callable[[SlowPull], SlowPull]]] = {
    "line": ("ten times the bandwidth", _wider_line),
    "unpacking": ("ten times faster unpacking", _faster_unpacking),
    "round trips": ("a registry ten times nearer", _shorter_way),
    "downloads": ("ten downloads at a time, not three", _more_downloads),
    "layers": ("all files in one layer", _one_layer),
}
ONE_WAY = {"office": "line", "data centre": "unpacking", "ship": "round trips", "build server": "downloads"}
WANTED = 'a change for each machine, such as {"office": "layers", "data centre": "layers", ...}'


def one_change() -> Turn:
    """Ask for the change that makes each of four pulls at least twice as fast."""
    changes = "\n".join(f"    {name}: {words}" for name, (words, _) in CHANGES.items())
    return Turn(
        "time.one-change",
        "Four machines pull an image. Each of them unpacks 150 MB a second, and a layer is unpacked to 2.6 times its "
        "size. You may make one change for each machine, and you may use a change more than once:"
        f"\n\n{changes}\n\nWrite which change makes each pull at least twice as fast, by the word before its colon. "
        "The simulator replays every pull with your change.",
        play,
        str(ONE_WAY),
        "For each machine, ask what it spends its seconds on. The office waits for the bytes. The data centre unpacks. "
        "On the ship a few small layers wait for the way there and back. The build server has a fast line, and three "
        "slow connections leave it nearly empty.",
        (
            "Take one machine at a time. How long do the bytes take on its line, and how long does unpacking take?",
            "How many round trips come one after the other, and how long do they take together?",
            "Look at the last column. How much of the line can three connections use?",
        ),
        given_table(),
    )


def given_table() -> Table:
    """Show the four pulls with their conditions, and how long each takes now."""
    rows = tuple(
        (
            name, f"{pull.layers} of {pull.size / MB:g} MB", f"{pull.conditions.download / MB:,g} MB/s",
            f"{pull.conditions.latency:g} s",
            f"{pull.conditions.each / MB:g} MB/s" if pull.conditions.each < inf else "the whole line",
            f"{pull.seconds():.1f} s",
        )
        for name, pull in PULLS.items()
    )  # fmt: skip
    return Table(("machine", "layers", "line", "round trip", "one connection gets", "takes now"), rows)


def play(answer: object) -> Reveal:
    """Replay each pull with the change that was written for it."""
    chosen = _read(answer)
    if isinstance(chosen, Unread):
        return chosen.reveal(answer, WANTED)
    shown, slow = [], []
    for name, pull in PULLS.items():
        before, after = pull.seconds(), CHANGES[chosen[name]][1](pull).seconds()
        good = after <= GOAL * before
        shown.append(
            f"{name}, {chosen[name]}: {before:.1f} s before, {after:.1f} s after{'' if good else ' (too slow)'}"
        )
        if not good:
            slow.append(name)
    if slow:
        listed = " and ".join([", ".join(slow[:-1]), slow[-1]] if len(slow) > 1 else slow)
        sentence = f"Not yet: {listed} {'are' if len(slow) > 1 else 'is'} not twice as fast."
        return Reveal(sentence, False, 1 - len(slow) / len(PULLS), tuple(shown))
    return Reveal("Right: every pull is at least twice as fast.", True, 1.0, tuple(shown))


def _read(answer: object) -> Mapping[str, str] | Unread:
    """Read a dictionary that names one change for each machine."""
    if not isinstance(answer, dict):
        return Unread("Write a dictionary with a change for each machine.")
    if set(answer) != set(PULLS):
        return Unread(f"Name each of {', '.join(PULLS)} once.")
    reader, chosen = OneOf("line", tuple(CHANGES)), {}
    for name in PULLS:
        change = reader.read(answer[name])
        if isinstance(change, Unread):
            return change.after(f"For {name}, choose one of {', '.join(CHANGES)}.")
        chosen[name] = change
    return chosen


TURNS = {"one-change": one_change}
