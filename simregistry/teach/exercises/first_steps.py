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
            f"The laptop has built {full}. Write the commands that bring it to the server, one a line, "
            "each with the machine in front: laptop: docker …, or server: docker …"
        ),
        answer=FreeText(
            f"laptop: docker push {full}\nserver: docker pull {full}",
            problem,
            "lines such as laptop: docker push NAME and server: docker pull NAME",
        ),
        misconceptions=_beliefs_on_to_the_server(full),
        hints=(
            "Which machine has the image now, and which wants it?",
            "Two commands: one brings it in, one takes it out.",
            "push on the laptop, then pull on the server.",
        ),
        why="The registry stands between them: one machine pushes to it, any other pulls from it.",
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
         "A push brings it to the registry. Nobody tells the server; it has to ask for the image itself."),
        ("a server finds an image on another machine", f"server: docker pull {full}",
         "Machines do not see each other's images. The registry has only what was pushed to it."),
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
        return f"here you need {', '.join(NAMES_WANTED)} alone"
    try:
        COMMANDS[words[1]].run(world.machine(machine.lower()), words[2:])
    except UsageError:
        return f"docker {words[1]} wants {NAMES_WANTED[words[1]]}"
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
            f"{name}:1 was pushed. The code changes, {name}:2 is built and pushed. "
            "How many megabytes of layers are sent?"
        ),
        answer=Number(world.mb(sent), "MB"),
        misconceptions=_beliefs_on_second_push(second, world, first),
        hints=("Which rows of the two images are the same?", "The registry is asked for each layer before it is sent."),
        why=f"Only {second[-1]} is new to the registry.",
        given=world.table({f"{name}:1": first, f"{name}:2": second}),
    )


def _beliefs_on_second_push(
    second: tuple[str, ...], world: NamedLayers, first: tuple[str, ...]
) -> tuple[Misconception, ...]:
    whole = sum(world.sizes[layer] for layer in second)
    return beliefs(
        ("the whole image is sent", whole, "The registry has all layers but one already, and is asked first."),
        ("the unchanged part is sent", whole - world.sizes[second[-1]],
         "That is the part that did not change. It is there already."),
        ("only the difference in size is sent", abs(world.sizes[second[-1]] - world.sizes[first[-1]]),
         "A layer is sent whole or not at all; nobody computes what differs inside it."),
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
            "Three versions are pushed one after the other to an empty registry. "
            "How many megabytes of layers are sent in all?"
        ),
        answer=Number(moved, "MB"),
        misconceptions=_beliefs_on_sent_in_all(images, world, first, third),
        hints=(
            "The first push sends all of its layers.",
            "For each later one, look for the layers that no earlier image had.",
        ),
        why=f"Sent: {', '.join(str(world.mb(world.travelled(report)) // MB) for report in reports)} MB.",
        given=world.table(images),
    )


def _beliefs_on_sent_in_all(
    images: dict[str, tuple[str, ...]], world: NamedLayers, first: tuple[str, ...], third: tuple[str, ...]
) -> tuple[Misconception, ...]:
    return beliefs(
        ("every push sends its image", sum(sum(world.sizes[x] for x in layers) for layers in images.values()),
         "That counts each image whole. From the second push on, most layers are there already."),
        ("after the first push, nothing is sent", sum(world.sizes[layer] for layer in first),
         "That is the first push. Each later version has something new."),
        ("the last image is all that counts", sum(world.sizes[layer] for layer in third),
         "That is the last image as a whole. What was sent before it was sent too."),
    )  # fmt: skip


def what_is_real(dice: random.Random) -> Problem:
    """Ask which of a few things are real in this course."""
    real, modelled = dice.sample(REAL, dice.randint(1, 3)), dice.sample(MODELLED, dice.randint(2, 3))
    things = [*real, *modelled]
    dice.shuffle(things)
    return Problem(
        text=(
            "Which of these are real in this course: computed from real bytes, recorded from real clients, "
            "or published?"
        ),
        answer=SomeOf(frozenset(real), tuple(things)),
        misconceptions=_beliefs_on_what_is_real(things, modelled),
        hints=(
            "Could it be computed without a network and without running a program?",
            "The first lesson says at its end what is modelled.",
        ),
        why=f"Modelled here: {', '.join(modelled)}.",
        given=Table(("thing",), tuple((thing,) for thing in things)),
    )


def _beliefs_on_what_is_real(things: list[str], modelled: list[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a simulator makes everything up", frozenset(),
         "Hashes, archives and JSON need no network: they are computed here from real bytes, "
         "as any tool computes them."),
        ("everything here is real", frozenset(things),
         "There is no network, no clock and no command that runs; what stands for them is stated."),
        ("it is the other way round", frozenset(modelled),
         "Those stand for something that is not here: a network, a clock, a program that runs."),
    )  # fmt: skip


EXERCISES = (
    Exercise("start.to-the-server", "construct", "From the laptop to the server", ("start.move",), to_the_server),
    Exercise("start.second-push", "predict", "The second push", ("start.predict",), second_push),
    Exercise("start.three-pushes", "predict", "Three pushes", ("start.predict",), sent_in_all),
    Exercise("start.what-is-real", "explain", "Real or modelled?", ("start.real",), what_is_real),
)
