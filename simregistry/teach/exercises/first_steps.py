"""Start here: an image moves from one machine to another, and most of it stays where it is."""

from __future__ import annotations

import random
from collections.abc import Callable

from simregistry.client.docker_commands import COMMANDS, UsageError
from simregistry.errors import SimRegistryError
from simregistry.table import Table
from simregistry.teach.answers import FreeText, Number, SomeOf
from simregistry.teach.exercises.named_layers import HOST, MB, SERVICES, NamedLayers, draw_sizes, draw_stack
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

# What README.md, "What is real, and what is modelled", says of this course, in learners' words.
REAL = (
    "a layer's digest", "a manifest's JSON", "the tar archive of a layer", "the sizes of the 53 official images",
    "the requests of a push and their order",
)  # fmt: skip
MODELLED = (
    "what a RUN command writes", "the time a push takes", "the network between laptop and registry",
    "downloads that run side by side", "the base image's program files",
)  # fmt: skip
# The commands that bring an image to another machine, and what each wants after its name.
NAMES_WANTED = {"push": "one name", "pull": "one name", "tag": "two names", "images": "no name"}


def to_the_server(dice: random.Random) -> Problem:
    """Ask for the commands that bring an image from the laptop to the server."""
    name, version = dice.choice(SERVICES), f"{dice.randint(1, 4)}.{dice.randint(0, 9)}"
    reference, layers = f"{name}:{version}", draw_stack(dice, f"{name}-code")
    full = f"{HOST}/{reference}"
    sizes = draw_sizes(dice, layers)
    problem = _brings_it(sizes, reference, layers, full)
    return Problem(
        text=(
            f"The laptop has built {full}. Write the commands that bring this image to the server. Write one command a "
            "line, each with its machine in front, such as laptop: docker … or server: docker …"
        ),
        answer=FreeText(
            f"laptop: docker push {full}\nserver: docker pull {full}",
            problem,
            "lines such as laptop: docker push NAME and server: docker pull NAME",
        ),
        misconceptions=_beliefs_on_to_the_server(full),
        hints=(
            "Which machine has the image now, and which machine wants it?",
            "You need two commands. One brings the image to the registry, and the other gets it from there.",
            "Push on the laptop, then pull on the server.",
        ),
        why="The registry is in the middle. One machine pushes to it, and any other machine can pull from it.",
        also_right=(
            f"laptop: docker push {full}\n\nserver: docker pull {full}\nserver: docker images",
            f"LAPTOP: docker push {full}\nserver:docker pull {full}",
            f"laptop: docker tag {full} {full}-copy\nlaptop: docker push {full}\nserver: docker pull {full}",
        ),
    )


def _brings_it(sizes: dict[str, int], reference: str, layers: tuple[str, ...], full: str) -> Callable[[str], str]:
    """Make the check of commands: does the server have the image at the end?"""

    def problem(text: str) -> str:
        world = NamedLayers(sizes)
        world.image(reference, layers)
        world.machine("server")
        for number, line in enumerate(text.splitlines()[:20], 1):
            if wrong := carry_out_line(world, line):
                return f"line {number}: {wrong}"
        return "" if full in world.machine("server").store.images else f"the server has no image {full} at the end"

    return problem


def _beliefs_on_to_the_server(full: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("a push brings the image to all machines", f"laptop: docker push {full}",
         "A push brings the image to the registry. Nobody tells the server about it, so the server has to ask for it."),
        ("a server finds an image on another machine", f"server: docker pull {full}",
         "Machines don't see each other's images. The registry has only what somebody pushed to it."),
        ("the server is pushed to", f"laptop: docker push {full}\nserver: docker push {full}",
         "A machine can push only what it has. The server gets the image by pulling."),
    )  # fmt: skip


def carry_out_line(world: NamedLayers, line: str) -> str:
    """Carry out one line on its machine and say what went wrong; an empty string means that it worked."""
    machine, colon, command_line = (part.strip() for part in line.partition(":"))
    words = command_line.split()
    if machine.lower() not in world.machines or not colon or words[:1] != ["docker"] or len(words) < 2:
        return "write a machine, a colon and a docker command, such as laptop: docker images"
    if words[1] not in NAMES_WANTED:
        return f"here the docker commands are {', '.join(NAMES_WANTED)}"
    try:
        COMMANDS[words[1]].run(world.machine(machine.lower()), words[2:])
    except UsageError:
        return f"docker {words[1]} needs {NAMES_WANTED[words[1]]}"
    except SimRegistryError as error:
        return str(error)
    return ""


def second_push(dice: random.Random) -> Problem:
    """Ask how much the second version sends."""
    name = dice.choice(SERVICES)
    first = draw_stack(dice, f"{name}-code")
    second = (*first[:-1], f"{name}-code 2")
    world = NamedLayers(draw_sizes(dice, dict.fromkeys((*first, *second))))
    world.push(f"{name}:1", first)
    report = world.push(f"{name}:2", second)
    sent = world.travelled(report)
    return Problem(
        text=(
            f"You push {name}:1. Then the code changes, and you build and push {name}:2. "
            "How many megabytes of layers does the second push send?"
        ),
        answer=Number(world.mb(sent), "MB"),
        misconceptions=_beliefs_on_second_push(second, world, first),
        hints=(
            "Which layers do the two images share?",
            "The client asks about each layer before it sends it.",
        ),
        why=f"Only the layer {second[-1]} is new to the registry.",
        given=world.table({f"{name}:1": first, f"{name}:2": second}),
    )


def _beliefs_on_second_push(
    second: tuple[str, ...], world: NamedLayers, first: tuple[str, ...]
) -> tuple[Misconception, ...]:
    whole = sum(world.sizes[layer] for layer in second)
    return beliefs(
        ("the whole image is sent", whole, "The registry already has all layers but one, and the client asks first."),
        ("the unchanged part is sent", whole - world.sizes[second[-1]],
         "That's the part that didn't change. The registry has it already."),
        ("only the difference in size is sent", abs(world.sizes[second[-1]] - world.sizes[first[-1]]),
         "A layer is sent as a whole or not at all. Nobody computes what is different inside it."),
    )  # fmt: skip


def sent_in_all(dice: random.Random) -> Problem:
    """Ask what three pushes send together."""
    name = dice.choice(SERVICES)
    first = draw_stack(dice, f"{name}-code")
    second = (*first[:-1], f"{name}-code 2")
    third = dice.choice(((*first[:-2], f"{first[-2]} 2", f"{name}-code 3"), (*first[:-1], f"{name}-code 3")))
    images = {f"{name}:1": first, f"{name}:2": second, f"{name}:3": third}
    world = NamedLayers(draw_sizes(dice, dict.fromkeys(layer for layers in images.values() for layer in layers)))
    reports = [world.push(reference, layers) for reference, layers in images.items()]
    moved = sum(world.mb(world.travelled(report)) for report in reports)
    return Problem(
        text=(
            "You push three versions, one after the other, to an empty registry. "
            "How many megabytes of layers do the three pushes send in all?"
        ),
        answer=Number(moved, "MB"),
        misconceptions=_beliefs_on_sent_in_all(images, world, first, third),
        hints=(
            "The first push sends all of its layers.",
            "For each later push, look for the layers that no earlier image had.",
        ),
        why=f"The pushes sent {', '.join(str(world.mb(world.travelled(report)) // MB) for report in reports)} MB.",
        given=world.table(images),
    )


def _beliefs_on_sent_in_all(
    images: dict[str, tuple[str, ...]], world: NamedLayers, first: tuple[str, ...], third: tuple[str, ...]
) -> tuple[Misconception, ...]:
    return beliefs(
        ("every push sends its image", sum(sum(world.sizes[x] for x in layers) for layers in images.values()),
         "That counts every image as a whole. From the second push on, the registry already has most layers."),
        ("after the first push, nothing is sent", sum(world.sizes[layer] for layer in first),
         "That's the first push alone. Each later version has something new."),
        ("the last image is all that counts", sum(world.sizes[layer] for layer in third),
         "That's the last image as a whole. The layers that only earlier images have were sent too."),
    )  # fmt: skip


def what_is_real(dice: random.Random) -> Problem:
    """Ask which of a few things are real in this course."""
    real, modelled = dice.sample(REAL, dice.randint(1, 3)), dice.sample(MODELLED, dice.randint(2, 3))
    things = [*real, *modelled]
    dice.shuffle(things)
    return Problem(
        text=(
            "Which of these are real in this course? Real means that it's computed from real bytes, recorded from real "
            "programs, or published."
        ),
        answer=SomeOf(frozenset(real), tuple(things)),
        misconceptions=_beliefs_on_what_is_real(things, modelled),
        hints=(
            "Could it be computed without a network and without running a program?",
            "The lesson “Start here” says near its end what is modelled.",
        ),
        why=f"These are modelled: {', '.join(modelled)}.",
        given=Table(("thing",), tuple((thing,) for thing in things)),
    )


def _beliefs_on_what_is_real(things: list[str], modelled: list[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a simulator makes everything up", frozenset(),
         "Hashes, archives and JSON need no network. They're computed here from real bytes, as any other tool would "
         "compute them."),
        ("everything here is real", frozenset(things),
         "There's no network and no clock here, and no command runs. The course states what it uses in their place."),
        ("it is the other way round", frozenset(modelled),
         "Those stand for something that isn't here, such as a network, a clock or a running program."),
    )  # fmt: skip


EXERCISES = (
    Exercise("start.to-the-server", "construct", "From the laptop to the server", ("start.move",), to_the_server),
    Exercise("start.second-push", "predict", "The second push", ("start.predict",), second_push),
    Exercise("start.three-pushes", "predict", "Three pushes", ("start.predict",), sent_in_all),
    Exercise("start.what-is-real", "explain", "Real or modelled?", ("start.real",), what_is_real),
)
