"""Turns of the first lesson: three commands that bring an image from the laptop to the server."""

from __future__ import annotations

from simregistry.client.client import Client
from simregistry.registry.registry import Registry
from simregistry.study.examples import webapp
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.command_lines import CommandLines
from simregistry.teach.turns.turn import Turn

WANTED = f"{webapp.HOST}/web:v5"
VERBS = ("build", "push", "pull", "tag", "images")
ONE_WAY = (
    f"laptop: docker build -t {WANTED} .",
    f"laptop: docker push {WANTED}",
    f"server: docker pull {WANTED}",
)


def to_the_server() -> Turn:
    """Ask for the commands from a Dockerfile on the laptop to an image on the server, and carry them out."""
    return Turn(
        "start.to-the-server",
        "This exercise uses new machines. The laptop has the base image, the Dockerfile and the files of version 5. It "
        "hasn't built the web app yet. The registry and the server are empty. Write three commands after which the "
        f"server has the image {WANTED}. Put the machine in front of each command. The simulated machines carry them "
        "out in your order.",
        play,
        "\n".join(ONE_WAY),
        "An image has to exist before it can be pushed, and it has to be in the registry before it can be pulled.",
        (
            "Which machine has the files, and which machine wants the image?",
            "The three commands are build, push and pull. Two of them are typed on the laptop.",
            f"A build is written docker build -t {WANTED} . with a dot at the end. The dot means this folder.",
        ),
    )


def play(answer: object) -> Reveal:
    """Carry the commands out on two fresh machines, and look at what the server has in the end."""
    registry = Registry(webapp.HOST)
    laptop, server = (Client(registries=[registry]) for _ in range(2))
    webapp.build_base(laptop)
    bench = CommandLines({"laptop": laptop, "server": server}, VERBS, {"laptop": _build})
    lines = bench.read(answer)
    if isinstance(lines, Reveal):
        return lines
    shown, refusal = bench.run(lines)
    steps = (WANTED in laptop.store.images, bool(registry.repositories()), WANTED in server.store.images)
    if refusal:
        sentence = f"Not yet: command {len(shown)} of {len(lines)} is refused. {refusal}."
        return Reveal(sentence, False, sum(steps) / len(steps), shown)
    if not all(steps):
        sentence = f"Not yet: every command worked, but the server has no image {WANTED}."
        return Reveal(sentence, False, sum(steps) / len(steps), shown)
    code = server.rootfs(WANTED)["app/app.py"].content.decode().splitlines()[0]
    return Reveal(f"Right: the server has the image. The first line of its app.py is {code}.", True, 1.0, shown)


def _build(client: Client, tag: str) -> object:
    return client.build(tag, webapp.dockerfile(), webapp.context("v5"), effects=webapp.EFFECTS)


TURNS = {"to-the-server": to_the_server}
