"""Push: which layers and how many bytes are sent, and which layers are found or mounted."""

from __future__ import annotations

import random

from simregistry.client.transfer_report import Transfer
from simregistry.teach.answers import Number, SomeOf
from simregistry.teach.exercises import push_messages
from simregistry.teach.exercises.named_layers import BASES, LIBRARIES, MB, RUNTIMES, SERVICES, NamedLayers, draw_sizes
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def two_services(dice: random.Random) -> tuple[NamedLayers, dict[str, tuple[str, ...]]]:
    """Draw two images in two repositories with a base in common, the first of them pushed."""
    service, other_service = dice.sample(SERVICES, 2)
    base, runtimes, library = dice.choice(BASES), dice.sample(RUNTIMES, 2), dice.choice(LIBRARIES)
    second = dice.choice(((base, runtimes[0], library), (base, runtimes[1], library)))
    stacks = {
        f"{service}:1": (base, runtimes[0], f"{service}-code"),
        f"{other_service}:1": (*second, f"{other_service}-code"),
    }
    world = NamedLayers(draw_sizes(dice, dict.fromkeys(layer for stack in stacks.values() for layer in stack)))
    world.push(f"{service}:1", stacks[f"{service}:1"])
    return world, stacks


def which_are_sent(dice: random.Random) -> Problem:
    """Ask which layers of a new version are sent."""
    name, base, runtimes = dice.choice(SERVICES), dice.choice(BASES), dice.sample(RUNTIMES, 2)
    library = dice.choice(LIBRARIES)
    first = (base, runtimes[0], library, f"{name}-code")
    second = _next_version(dice, base, runtimes, library, name)
    world = NamedLayers(draw_sizes(dice, dict.fromkeys((*first, *second))))
    world.push(f"{name}:1", first)
    sent = world.travelled(world.push(f"{name}:2", second))
    return Problem(
        text=f"The registry has {name}:1. Which layers does a push of {name}:2 send?",
        answer=SomeOf(sent, second),
        misconceptions=_beliefs_on_which_are_sent(second, first, sent),
        hints=(
            "Compare the two rows, layer by layer.",
            "Here, layers with different names have different digests.",
        ),
        why=f"The registry has {', '.join(layer for layer in second if layer not in sent)} already.",
        given=world.table({f"{name}:1": first, f"{name}:2": second}),
    )


def _next_version(dice: random.Random, base: str, runtimes: list[str], library: str, name: str) -> tuple[str, ...]:
    """Draw the next version: new code, and perhaps another layer below it."""
    return dice.choice(
        (
            (base, runtimes[0], library, f"{name}-code 2"),
            (base, runtimes[1], f"{library} 2", f"{name}-code 2"),
            (base, runtimes[0], f"{library} 2", f"{name}-code 2"),
            (base, runtimes[0], library, "settings", f"{name}-code 2"),
        )
    )


def _beliefs_on_which_are_sent(
    second: tuple[str, ...],
    first: tuple[str, ...],
    sent: frozenset[str],
) -> tuple[Misconception, ...]:
    return beliefs(
        ("the whole image is uploaded", frozenset(second),
         "The client asks about each layer first (HEAD), and doesn't send what is there."),
        ("only the top layer can be new", frozenset(second[-1:]),
         "Every layer whose digest the registry lacks is sent, no matter where it is in the stack."),
        ("nothing is sent, the name is known", frozenset(),
         "The registry has the layers of the old image. The others have to be sent."),
        ("what stays the same is sent", frozenset(first) & frozenset(second),
         "It's the other way round. A layer that is there already is skipped."),
        unless=sent,
    )  # fmt: skip


def bytes_sent(dice: random.Random) -> Problem:
    """Ask how much a push into a second repository sends, where the laptop may have pushed to the first."""
    world, stacks = two_services(dice)
    pushed, pushed_now = stacks
    mine = dice.random() < 0.5
    machine = "laptop" if mine else "new laptop"
    report = world.push(pushed_now, stacks[pushed_now], machine)
    sent = world.mb(world.travelled(report))
    whole = sum(world.sizes[layer] for layer in stacks[pushed_now])
    lent = sum(world.sizes[layer] for layer in stacks[pushed_now] if layer in stacks[pushed])
    who = "the same laptop pushes" if mine else "another laptop, which never used this registry, pushes"
    return Problem(
        text=(
            f"A laptop has pushed {pushed}. Now {who} {pushed_now}, to a different repository. "
            "How many megabytes of layers are sent?"
        ),
        answer=Number(sent, "MB"),
        misconceptions=_beliefs_on_bytes_sent(whole, lent, sent),
        hints=(
            "Which layers does the registry have, even if only in another repository?",
            "Does this client know where they are? It can mount a layer only from a repository that it knows.",
        ),
        why=(
            "A mount names the repository that has the layer. "
            + ("This laptop knows it, because it pushed there." if mine else "This laptop knows none, so it sends all.")
        ),
        given=world.table(stacks),
    )


def _beliefs_on_bytes_sent(whole: int, lent: int, sent: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("another repository means another upload", whole,
         "A client that has seen a layer in another repository of this registry asks the registry to mount it. "
         "Then no byte travels."),
        ("the registry finds shared layers by itself", whole - lent,
         "Each repository answers only for itself. This client knows none to mount from, so it sends all layers."),
        ("only what is shared is sent", lent, "Those layers are there already. The question is what has to be sent."),
        unless=sent // MB,
    )  # fmt: skip


def how_it_got_there(dice: random.Random) -> Problem:
    """Ask which layers are mounted."""
    world, stacks = two_services(dice)
    first, second = stacks
    again = (*stacks[second][:-1], f"{stacks[second][-1]} 2")
    world.sizes = {**world.sizes, again[-1]: 91}
    world.push(second, stacks[second])
    twice = dice.random() < 0.5
    reference = second.replace(":1", ":2") if twice else "extra:1"
    report = world.push(reference, again)
    outcomes = _by_outcome(world, report)
    asked = "already there" if twice else "mounted"
    return Problem(
        text=(
            f"This laptop pushed {first} and {second}, and now it pushes {reference}. Which of its layers are "
            + ("found by a HEAD, so that nothing more has to be done?" if twice else "mounted?")
        ),
        answer=SomeOf(outcomes[asked], again),
        misconceptions=_beliefs_on_how_it_got_there(outcomes, asked, again),
        hints=(
            (
                "To which repositories was each layer pushed? This push asks only the repository "
                f"{reference.partition(':')[0]}."
            ),
            "A layer in this repository is found. One in another repository is mounted. One in no repository is sent.",
        ),
        why=(
            f"{len(outcomes['already there'])} are found, {len(outcomes['mounted'])} are mounted, and "
            f"{len(outcomes['sent'])} {'is' if len(outcomes['sent']) == 1 else 'are'} sent."
        ),
        given=world.table({**stacks, reference: again}),
    )


def _by_outcome(world: NamedLayers, report: Transfer) -> dict[str, frozenset[str]]:
    """Name the layers of a push by what happened to them."""
    return {
        kind: world.named(b.digest for b in report.layers if b.outcome == kind)
        for kind in ("mounted", "already there", "sent")
    }


def _beliefs_on_how_it_got_there(
    outcomes: dict[str, frozenset[str]], asked: str, again: tuple[str, ...]
) -> tuple[Misconception, ...]:
    wrong = {
        "sent": ("what is not new is sent", "That layer is in none of the repositories, so it has to be sent."),
        "mounted": (
            "what the registry has is always mounted",
            "A mount links a layer from another repository. These are in this one already, so a HEAD finds them.",
        ),
        "already there": (
            "a blob in the registry is in every repository",
            "A HEAD asks one repository. These aren't in it yet, so they're linked from another one.",
        ),
    }
    believed = [(kind, layers) for kind, layers in outcomes.items() if layers != outcomes[asked] and layers]
    everything = frozenset(again)
    return beliefs(
        *((wrong[kind][0], layers, wrong[kind][1]) for kind, layers in believed),
        ("all of them", everything, f"{again[-1]} isn't in any repository yet."),
        ("none of them", frozenset(), "The registry has some of its layers, so they needn't be sent."),
    )  # fmt: skip


EXERCISES = (
    Exercise("push.which-are-sent", "predict", "Which layers are sent?", ("push.travel",), which_are_sent),
    Exercise("push.bytes-sent", "predict", "Another repository", ("push.travel", "push.mount"), bytes_sent),
    Exercise("push.found-or-mounted", "explain", "Found, mounted, sent", ("push.mount",), how_it_got_there),
    *push_messages.EXERCISES,
)
