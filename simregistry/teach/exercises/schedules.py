"""The collector races a push: schedules, what loses, what each remedy closes and costs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache

from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.study.races.interleavings import Exploration, StepTaken, run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.race_steps import collector
from simregistry.study.races.races import beside, race
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf, Order, SomeOf
from simregistry.teach.exercises import schedule_writing
from simregistry.teach.exercises.grace_periods import grace
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

# What mends which race, by the names of simregistry.study.races.races: in words, and what it costs.
REMEDIES = {
    "read-only mode": ("read-only mode while it collects", "nobody can push meanwhile"),
    "grace longer than a push": ("a grace period, and a push that uploads everything in less time",
                                 "garbage stays on the shelf that long"),
    "renewed, and looked at again": ("a HEAD that renews a blob's age, and a sweep that looks again in one step",
                                     "each HEAD writes a time, and each deletion looks twice"),
    "Cloudflare's marks": ("signs that a push and a collector leave for each other",
                           "each side writes signs, and gives up when it sees the other's"),
}  # fmt: skip
CAUSES = {
    "stop the world, but nobody stops": "a push and a collector, and nobody stops anybody",
    "list first, then mark": "a collector that lists the shelf before it marks",
    "grace shorter than an upload": "a grace period that is shorter than an upload",
    "grace, and a reused blob": "a long grace period, and a push that reuses an old blob",
    "delete, collect, push again": "a front end that remembers blobs that were collected",
    "retention beside a push": "a retention run, and a push to the same tag",
}


@cache
def explored(name: str) -> Exploration:
    """Run all schedules of a race, once."""
    return race(name).run()


def schedule(dice: random.Random) -> list[str]:
    """Draw an order of a push's six steps and a collector's three."""
    order = ["push"] * 6 + ["collector"] * 3
    dice.shuffle(order)
    return order


def is_it_lost(dice: random.Random) -> Problem:
    """Ask whether one schedule loses the image, and at which step."""
    scene, actors = beside(collector(DISTRIBUTION_3))()
    taken = run_schedule(scene, actors, schedule(dice), every_promise_kept)
    lost = next((number for number, step in enumerate(taken, 1) if step.broken), 0)
    options = (*(f"step {number}" for number in range(1, len(taken) + 1)), "nowhere: nothing is lost")
    right = f"step {lost}" if lost else options[-1]
    misconceptions = _beliefs_on_is_it_lost(taken, options, right)
    return Problem(
        text=(
            "A push and a collector act at the same time, in this order. After which step is it true for the first "
            "time that an acknowledged image can't be pulled whole?"
        ),
        answer=OneOf(right, options),
        misconceptions=misconceptions,
        hints=(
            "A push is acknowledged when its manifest is written. Does anything take a blob that this image needs?",
            "The sweep takes a blob that was on the shelf when the collector listed, and had no mark when it marked.",
        ),
        why=(
            f"Step {lost}: {taken[lost - 1].broken}."
            if lost
            else "After each of these steps, every acknowledged image can be pulled."
        ),
        given=Table(
            ("step", "who", "does"), tuple((number, step.actor, step.did) for number, step in enumerate(taken, 1))
        ),
    )


def _beliefs_on_is_it_lost(
    taken: tuple[StepTaken, ...], options: tuple[str, ...], right: str
) -> tuple[Misconception, ...]:
    write = next((number for number, step in enumerate(taken, 1) if "written" in step.did), len(taken))
    sweep = next((number for number, step in enumerate(taken, 1) if "sweeps" in step.did), len(taken))
    by_answer = {
        options[-1]: (
            "a quick collector is safe",
            "Some acknowledged image is broken here. Go through the steps, and ask after each what a pull would get.",
        ),
        f"step {sweep}": (
            "whenever a sweep comes, something is lost",
            "A sweep takes what had no mark. Ask whether an acknowledged image needs it at that moment.",
        ),
        f"step {write}": (
            "the last step of the push decides",
            "When the manifest is written, ask whether all that it names is still there.",
        ),
        "step 1": (
            "a race is lost from the beginning",
            "Nothing is broken yet: nobody was told that a push went well.",
        ),
        f"step {len(taken)}": (
            "a loss shows at the end",
            "It may show earlier. Look for the first step after which an acknowledged image can't be pulled.",
        ),
    }
    return beliefs(*((belief, step, message) for step, (belief, message) in by_answer.items()), unless=right)


def how_many_orders(dice: random.Random) -> Problem:
    """Ask in how many orders two actors' steps can happen."""
    pushing, collecting = dice.randint(2, 5), dice.randint(2, 4)
    orders = _orders(pushing, collecting)
    misconceptions = beliefs(
        ("either the one first or the other", 2, "Steps of the collector can also come between two steps of the push."),
        ("each step of the one beside each of the other", pushing * collecting,
         "Count whole orders of all steps, not pairs of them."),
        ("any order of all steps", _factorial(pushing + collecting),
         "Each keeps its own order, so most of those orders can't happen."),
    )  # fmt: skip
    return Problem(
        text=(
            f"A push takes {pushing} steps, and a collector takes {collecting}. "
            "Each keeps its own order, and nobody waits for anybody. "
            f"In how many orders can the {pushing + collecting} steps happen?"
        ),
        answer=Number(orders, "orders"),
        misconceptions=misconceptions,
        hints=(
            (
                f"Choose which {collecting} of the {pushing + collecting} places are the collector's. "
                "The rest are the push's."
            ),
            f"{pushing + collecting}! / ({pushing}! · {collecting}!)",
        ),
        why=f"{pushing + collecting}! / ({pushing}! · {collecting}!) = {orders}.",
    )


def _orders(first: int, second: int) -> int:
    """Count the orders by walking them all."""
    return 1 if not first or not second else _orders(first - 1, second) + _orders(first, second - 1)


def _factorial(n: int) -> int:
    return 1 if n < 2 else n * _factorial(n - 1)


def which_lose(dice: random.Random) -> Problem:
    """Ask which of a few arrangements lose an image in some schedule."""
    names = [*dice.sample(list(CAUSES), 3), *dice.sample(list(REMEDIES), 2)]
    dice.shuffle(names)
    words = CAUSES | {name: remedy for name, (remedy, _) in REMEDIES.items()}
    by_letter = dict(zip("ABCDE", names, strict=True))
    right = frozenset(letter for letter, name in by_letter.items() if explored(name).losing)
    return Problem(
        text=(
            "With which of these arrangements can an acknowledged image be lost, in at least one order of the steps? "
            "Write their letters."
        ),
        answer=SomeOf(right, tuple(by_letter)),
        misconceptions=_beliefs_on_which_lose(by_letter, right),
        hints=(
            "Can anybody act between a check and the moment in which its answer is used?",
            "A push that gets 200 uploads nothing. How old is the layer that it relies on?",
        ),
        why="Orders that lose: "
        + "; ".join(
            f"{letter}, {explored(name).losing:,} of {explored(name).schedules:,}" for letter, name in by_letter.items()
        )
        + ".",
        given=Table(("", "arrangement"), tuple((letter, words[name]) for letter, name in by_letter.items())),
    )


def _beliefs_on_which_lose(by_letter: Mapping[str, str], right: frozenset[str]) -> tuple[Misconception, ...]:
    without_grace = frozenset(letter for letter, name in by_letter.items() if "grace" not in name)
    return beliefs(
        ("a race that hardly ever happens is none", frozenset(),
         "One losing order is enough. Somebody's image is gone then, and nobody is told."),
        ("nothing helps", frozenset(by_letter), "Some of these close the gap, so no order loses."),
        ("a longer grace period is always enough", right & without_grace,
         "A grace period spares what is young. A push can reuse a blob that is old."),
        unless=right,
    )  # fmt: skip


FREE = "it costs nothing"
WHY_NOT_THIS_PRICE = {
    "nobody can push meanwhile": "That is the price of stopping everybody.",
    "garbage stays on the shelf that long": "That is the price of waiting.",
    "each HEAD writes a time, and each deletion looks twice": "That is the price of renewing ages.",
    "each side writes signs, and gives up when it sees the other's": "That is the price of signs instead of a lock.",
    FREE: "Each protection costs something: waiting, space, or more to read and write.",
}


def what_it_costs(dice: random.Random) -> Problem:
    """Ask for the price of a remedy."""
    name = dice.choice(list(REMEDIES))
    remedy, price = REMEDIES[name]
    prices = [*(price for _, price in REMEDIES.values()), FREE]
    dice.shuffle(prices)
    letters = {price: letter for letter, price in zip("ABCDE", prices, strict=True)}
    wrong = dice.sample([other for other in prices if other != price], 3)
    return Problem(
        text=(
            f"A registry protects pushes from its collector in this way: {remedy}. "
            f"In the model no order of the steps loses an image ({explored(name).schedules:,} orders were run). "
            "What does this protection cost? Write the letter."
        ),
        answer=OneOf(letters[price], tuple(letters.values())),
        misconceptions=beliefs(
            *((f"the price of {remedy} is: {other}", letters[other], WHY_NOT_THIS_PRICE[other]) for other in wrong)
        ),
        hints=(
            "Who has to wait, and what has to be written?",
            "Go through a push step by step. What is different with this protection?",
        ),
        why=f"With this protection, {price}.",
        given=Table(("", "what it costs"), tuple((letter, price) for price, letter in letters.items())),
    )


def shortest_loss(dice: random.Random) -> Problem:
    """Ask for the order of the shortest schedule that loses."""
    name = dice.choice(("stop the world, but nobody stops", "grace, and a reused blob", "two pushes of one layer"))
    exploration = explored(name)
    steps = tuple(f"{taken.actor}: {taken.did}" for taken in exploration.shortest)
    count = dice.randint(4, 6)
    start = dice.randint(0, max(0, len(steps) - count))
    right = steps[start : start + count]
    whose = [taken.actor for taken in exploration.shortest]

    def holds(answer: tuple[str, ...]) -> bool:
        """Another order is as good if each actor keeps its own, and the image is lost all the same."""
        who = [step.partition(": ")[0] for step in answer]
        if any(
            [s for s in answer if s.startswith(actor)] != [s for s in right if s.startswith(actor)]
            for actor in set(who)
        ):
            return False
        world, actors = race(name).cast()
        done = run_schedule(world, actors, [*whose[:start], *who, *whose[start + count :]], every_promise_kept)
        return bool(done[-1].broken) and {step.did for step in done} == {step.did for step in exploration.shortest}

    return Problem(
        text=(
            "These steps are a part of the shortest schedule that loses an image. "
            "Put them into the order in which they lose it."
        ),
        answer=Order(right, holds),
        misconceptions=_beliefs_on_shortest_loss(right),
        hints=(
            "Which notes does the collector make, and when are they out of date?",
            "It marks before the manifest is there. It sweeps after the registry has checked the manifest's blobs.",
        ),
        why=f"{exploration.losing:,} of {exploration.schedules:,} schedules lose. This is a part of the shortest.",
    )


def _beliefs_on_shortest_loss(right: tuple[str, ...]) -> tuple[Misconception, ...]:
    pushing = tuple(sorted(right, key=lambda step: "collector" in step.split(":")[0]))
    collecting = tuple(sorted(right, key=lambda step: "collector" not in step.split(":")[0]))
    swap = (*right[:-2], right[-1], right[-2])
    return beliefs(
        ("the push is done before the collector comes", pushing,
         "Then the collector finds the manifest and marks what it names, so nothing is lost."),
        ("the collector is done before the push comes", collecting,
         "Then the push finds out what is missing and uploads it."),
        ("the last two could be the other way round", swap,
         "Ask what the last step needs, and what the step before it took away or left."),
        unless=right,
    )  # fmt: skip


EXERCISES = (
    Exercise("races.is-it-lost", "find", "Is it lost, and where?", ("races.trace",), is_it_lost),
    Exercise("races.how-many", "predict", "How many orders?", ("races.exhaust",), how_many_orders),
    Exercise("races.which-lose", "explain", "Which of these can lose?", ("races.enough", "races.exhaust"), which_lose),
    Exercise("races.grace", "predict", "Who is spared?", ("races.enough",), grace),
    Exercise("marks.price", "explain", "What does it cost?", ("marks.choose",), what_it_costs),
    Exercise("races.shortest", "find", "The shortest way to a loss", ("races.trace",), shortest_loss),
    *schedule_writing.EXERCISES,
)
