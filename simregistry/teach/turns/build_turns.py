"""Turns of the lesson on building: a Dockerfile that is built and pushed twice, and the second push is measured."""

from __future__ import annotations

from simregistry.client.build.report import BuildReport, BuildStep
from simregistry.client.client import Client
from simregistry.client.transport import InProcess
from simregistry.registry.registry import Registry
from simregistry.table import count
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.dockerfile_bench import BASE, NAME, Command, DockerfileBench, seen
from simregistry.teach.exercises.named_layers import HOST
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

LIMIT = 15_000
INSTALL, INDEX = "npm install", "make-index"
MODULES, INDEXED = "usr/lib/node_modules", "var/index"
CODE = "server.js"


def code(version: int) -> str:
    """Return 7,000 bytes of code; one line is different from version to version."""
    return f"const version = {version}\n".ljust(7_000, "/")


CONTEXT = {"package.json": '{"dependencies": {"express": "5"}}\n', "prices.csv": "tea,3\n" * 5_000, CODE: code(1)}
BENCH = DockerfileBench(
    {
        INSTALL: Command({MODULES: 69_000}, ("app/package.json",)),
        INDEX: Command({INDEXED: 20_000}, ("app/prices.csv",)),
    },
    CONTEXT,
)
GIVEN = f"FROM {BASE}\nCOPY . /app/\nRUN {INSTALL}\nRUN {INDEX}\n"
ONE_WAY = (
    f"FROM {BASE}\nCOPY package.json /app/\nRUN {INSTALL}\nCOPY prices.csv /app/\nRUN {INDEX}\nCOPY {CODE} /app/\n"
)


def quick_push() -> Turn:
    """Ask for a Dockerfile whose second version is pushed with few bytes."""
    return Turn(
        "build.quick-push",
        f"A shop's image needs package.json, prices.csv and {CODE} in /app/. It also needs what two commands write: "
        f"{INSTALL} reads /app/package.json, and {INDEX} reads /app/prices.csv. One line of {CODE} changes every day. "
        f"Write the Dockerfile so that neither command runs again then, and the push of version 2 sends under "
        f"{count(LIMIT)} bytes.",
        play,
        ONE_WAY,
        f"Each command comes right after the file that it reads. {CODE} comes last and alone, so nothing else is "
        "built or sent when it changes.",
        (
            "Go through the lines from the top. Which is the first one that a change of the code touches?",
            f"What may come before {INSTALL}, and what before {INDEX}, so that both stay in the cache?",
            f"A layer brings all the files that its step copies. So copy {CODE} by itself, in the last line.",
        ),
        f"{GIVEN}\n({CODE} has 7,000 bytes, prices.csv has 30,000. {INSTALL} writes 69,000 and {INDEX} 20,000.)",
    )


def play(answer: object) -> Reveal:
    """Build and push version 1, change the code, build and push again; look at the steps and at the bytes."""
    text = FreeText("", lambda text: "").read(answer)
    if isinstance(text, Unread):
        return text.reveal(answer, "a Dockerfile, as a string or as a list of lines")
    client = BENCH.client()
    client.transports[HOST] = InProcess(Registry(HOST))
    BENCH.build(client, text)
    client.push(NAME)
    again = BENCH.build(client, text, {CODE: code(2)})
    sent = client.push(NAME).sent_bytes
    fault, score = _fault(client, again, sent)
    shown = tuple(_shown(step) for step in again.steps if step.layer is not None)
    if fault:
        return Reveal(f"Not yet: {fault}", False, score, shown)
    sentence = f"Right: both commands stay in the cache, and the push of version 2 sends {count(sent)} bytes."
    return Reveal(sentence, True, 1.0, shown)


def _fault(client: Client, again: BuildReport, sent: int) -> tuple[str, float]:
    """Say what is wrong with the second version, and what it is worth; the sentence is empty if nothing is."""
    there = seen(client)
    missing = [path for path in (*(f"app/{name}" for name in CONTEXT), MODULES, INDEXED) if path not in there]
    if missing:
        return f"a container of your image has no /{missing[0]}.", 0.0
    if there[f"app/{CODE}"] != code(2).encode():
        return f"in version 2, /app/{CODE} is still the one of version 1.", 0.0
    bytes_sent = f"The push of version 2 sends {count(sent)} bytes."
    ran = [step.text for step in again.steps if step.text.startswith("RUN") and not step.cached]
    if ran:
        return f"{' and '.join(ran)} {'runs' if len(ran) == 1 else 'run'} again in version 2. {bytes_sent}", 0.25
    if sent >= LIMIT:
        largest = max((step for step in again.steps if not step.cached), key=lambda step: step.bytes)
        return f"both commands stay in the cache, but {largest.text} makes a large layer. {bytes_sent}", 0.5
    return "", 1.0


def _shown(step: BuildStep) -> str:
    return f"{step.text}: {step.reason}, {count(step.bytes)} bytes"


TURNS = {"quick-push": quick_push}
