"""Turns of the lesson on layers: a Dockerfile that uses a file and leaves no trace of it, really built and measured."""

from __future__ import annotations

from simregistry.client.client import Client
from simregistry.oci.layer import Changeset
from simregistry.table import count
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.dockerfile_bench import BASE, NAME, Command, DockerfileBench, hidden, seen
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

ARCHIVE, TOOL = "tmp/big.tar", "usr/bin/tool"
FETCH, MAKE, REMOVE = f"fetch /{ARCHIVE}", "make-tool", f"rm /{ARCHIVE}"
BENCH = DockerfileBench({FETCH: Command({ARCHIVE: 200_000}), MAKE: Command({TOOL: 20_000}, (ARCHIVE,))})
GIVEN = f"FROM {BASE}\nRUN {FETCH}\nRUN {MAKE}\nRUN {REMOVE}\n"
ONE_WAY = f"FROM {BASE}\nRUN {FETCH} && {MAKE} && {REMOVE}\n"


def no_trace() -> Turn:
    """Ask for a Dockerfile whose image has the tool, and no layer with the archive that it was made from."""
    return Turn(
        "layers.no-trace",
        f"This Dockerfile makes a tool of 20,000 bytes from an archive of 200,000. Its container has /{TOOL} and no "
        f"/{ARCHIVE}, but a pull brings the archive all the same. Write it so that /{TOOL} is in the image and "
        f"/{ARCHIVE} is in no layer. The commands are {FETCH}, {MAKE} (which reads the archive) and rm.",
        play,
        ONE_WAY,
        "A layer has what is there when its step ends. Within one step the archive comes and goes, so it is in no "
        "layer. The order matters: the tool is made before its archive is deleted.",
        (
            "When is a layer finished?",
            "The archive has to be gone before the step ends in which it was fetched.",
            "Join the three commands with && in a single RUN.",
        ),
        GIVEN,
    )


def play(answer: object) -> Reveal:
    """Build the Dockerfile, look for both files in its layers, and measure them."""
    text = FreeText("", lambda text: "").read(answer)
    if isinstance(text, Unread):
        return text.reveal(answer, "a Dockerfile, as a string or as a list of lines")
    client, before = BENCH.client(), BENCH.client()
    BENCH.build(client, text)
    BENCH.build(before, GIVEN)
    layers = tuple(_described(number, layer) for number, layer in enumerate(client.layers(NAME), 1))
    mine, given = _layer_bytes(client), _layer_bytes(before)
    fault = _fault(client)
    if fault:
        return Reveal(f"Not yet: {fault}. Its layers have {count(mine)} bytes.", False, 0.0, layers)
    saved = f"Your layers have {count(mine)} bytes. Those of the first Dockerfile have {count(given)}."
    return Reveal(f"Right: the tool is there, and no layer has the archive. {saved}", True, 1.0, layers)


def _fault(client: Client) -> str:
    """Say what the built image lacks or carries; empty where it is as it should be."""
    there = seen(client)
    if TOOL not in there:
        return f"a container of your image has no /{TOOL}"
    if ARCHIVE in there:
        return f"a container of your image still has /{ARCHIVE}"
    carried = [number for path, number in hidden(client) if path == ARCHIVE]
    return f"layer {carried[0] + 1} of your image has /{ARCHIVE} in it" if carried else ""


def _described(number: int, layer: Changeset) -> str:
    paths = [f"/{entry.path}" for entry in layer if entry.kind == "file"]
    return f"layer {number}: {', '.join(paths) or 'no file'}, {count(layer.size)} bytes"


def _layer_bytes(client: Client) -> int:
    return sum(layer.size for layer in client.manifest(NAME).layers)


TURNS = {"no-trace": no_trace}
