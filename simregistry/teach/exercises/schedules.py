"""The collector races a push: schedules, what loses, what each remedy closes and costs."""

from __future__ import annotations

import random
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

# What mends which race, by the names of simregistry.study.races.races, and what it costs, as “Collect without
# stopping” has it.
REMEDIES = {
    "read-only mode": "nobody can push meanwhile",
    "grace longer than a push": "garbage stays that long",
    "renewed, and looked at again": "each check writes a time, each deletion looks twice",
    "Cloudflare's marks": "each side writes signs and gives up when it sees the other's",
}
CAUSES = {
    "stop the world, but nobody stops": "a push beside a collector",
    "list first, then mark": "the shelf is listed first",
    "grace shorter than an upload": "a grace period shorter than an upload",
    "grace, and a reused blob": "a long grace period, and a push that counts on an old blob",
    "delete, collect, push again": "a memory of what is there, and no race at all",
    "retention beside a push": "a retention rule beside a push to the same tag",
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
            "A push and a collector act beside each other, in this order. "
            "After which step, if any, is an acknowledged image broken for the first time?"
        ),
        answer=OneOf(right, options),
        misconceptions=misconceptions,
        hints=(
            "An image counts once its manifest is written. Does anything take a blob that it needs?",
            "The sweep takes what had no mark when the collector marked, of what was on the shelf when it listed.",
        ),
        why=(
            f"Step {lost}: {taken[lost - 1].broken}."
            if lost
            else "Every image that was acknowledged can be pulled after each of these steps."
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
            "An acknowledged image has to be whole after every step: look for the first step after which one is not.",
        ),
        f"step {sweep}": (
            "whenever a sweep comes, something is lost",
            "A sweep takes what had no mark; ask whether an acknowledged image needs it at that moment.",
        ),
        f"step {write}": (
            "the last step of the push decides",
            "When the manifest is written, look whether all that it names is still there.",
        ),
        "step 1": (
            "a race is lost from the beginning",
            "Nothing is broken yet: nobody was told that a push went well.",
        ),
        f"step {len(taken)}": (
            "a loss shows at the end",
            "It may show earlier: take the first step after which an acknowledged image cannot be pulled.",
        ),
    }
    return beliefs(*((belief, step, message) for step, (belief, message) in by_answer.items()), unless=right)


def how_many_orders(dice: random.Random) -> Problem:
    """Ask in how many orders two actors' steps can happen."""
    pushing, collecting = dice.randint(2, 5), dice.randint(2, 4)
    orders = _orders(pushing, collecting)
    misconceptions = beliefs(
        ("either the one first or the other", 2, "Steps of the one can come between steps of the other."),
        ("each step of the one beside each of the other", pushing * collecting,
         "Count whole orders of all steps, not pairs of them."),
        ("any order of all steps", _factorial(pushing + collecting),
         "Each keeps its own order, so most of those orders cannot happen."),
    )  # fmt: skip
    return Problem(
        text=(
            f"A push takes {pushing} steps, a collector {collecting}. "
            "Each keeps its own order; nobody waits for anybody. "
            f"In how many orders can the {pushing + collecting} steps happen?"
        ),
        answer=Number(orders, "orders"),
        misconceptions=misconceptions,
        hints=(
            (
                f"Choose which {collecting} of the {pushing + collecting} places are the collector's; "
                "the rest is the push's."
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
    words = {**CAUSES, **{name: name for name in REMEDIES}}
    right = frozenset(words[name] for name in names if explored(name).losing)
    shown = tuple(words[name] for name in names)
    return Problem(
        text="Which of these can lose an image that was acknowledged, in at least one order of the steps?",
        answer=SomeOf(right, shown),
        misconceptions=_beliefs_on_which_lose(shown, right),
        hints=(
            "Between a check and its use, can the collector act?",
            "A push that is told “it is there” uploads nothing: how old is what it counts on?",
        ),
        why=(
            "; ".join(f"{words[name]}: {explored(name).losing:,} of {explored(name).schedules:,}" for name in names)
            + " schedules lose."
        ),
        given=Table(("arrangement",), tuple((word,) for word in shown)),
    )


def _beliefs_on_which_lose(shown: tuple[str, ...], right: frozenset[str]) -> tuple[Misconception, ...]:
    grace = frozenset(word for word in shown if "grace" not in word)
    return beliefs(
        ("a race that hardly ever happens is none", frozenset(),
         "One losing order is enough: somebody's image is gone, and nobody is told."),
        ("nothing helps", frozenset(shown), "Some of these close the gap: there, no order loses."),
        ("a longer grace period is always enough", right & grace,
         "A grace period spares what is young; a push can count on a blob that is old."),
        unless=right,
    )  # fmt: skip


WHY_NOT_THIS_PRICE = {
    "nobody can push meanwhile": "That is the price of stopping everybody.",
    "garbage stays that long": "That is the price of waiting.",
    "each check writes a time, each deletion looks twice": "That is the price of renewing what was asked for.",
    "each side writes signs and gives up when it sees the other's": "That is the price of signs instead of a lock.",
    "nothing: it is free": "Each remedy is paid for: with waiting, with space, or with more to read and write.",
}


def what_it_costs(dice: random.Random) -> Problem:
    """Ask for the price of a remedy."""
    name = dice.choice(list(REMEDIES))
    right = REMEDIES[name]
    options = [*REMEDIES.values(), "nothing: it is free"]
    dice.shuffle(options)
    wrong = dice.sample([option for option in options if option != right], 3)
    misconceptions = beliefs(
        *((f"the price of {name} is: {price}", price, WHY_NOT_THIS_PRICE[price]) for price in wrong)
    )
    return Problem(
        text=(
            f"A registry protects pushes from its collector by this: {name}. "
            f"In the model no schedule of it loses an image ({explored(name).schedules:,} were run). "
            "What does it cost?"
        ),
        answer=OneOf(right, tuple(options)),
        misconceptions=misconceptions,
        hints=("Who has to wait, or what has to be written?", f"What exactly does {name} do?"),
        why=f"{name}: {right}.",
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
            "Put them in the order in which they lose it."
        ),
        answer=Order(right, holds),
        misconceptions=_beliefs_on_shortest_loss(right),
        hints=(
            "Where does the collector look, before it is too late to be right?",
            "It marks before the manifest is there, and sweeps after somebody counted on a blob.",
        ),
        why=f"{exploration.losing:,} of {exploration.schedules:,} schedules lose; this is part of the shortest.",
    )


def _beliefs_on_shortest_loss(right: tuple[str, ...]) -> tuple[Misconception, ...]:
    pushing = tuple(sorted(right, key=lambda step: "collector" in step.split(":")[0]))
    collecting = tuple(sorted(right, key=lambda step: "collector" not in step.split(":")[0]))
    swap = (*right[:-2], right[-1], right[-2])
    return beliefs(
        ("the push is done before the collector comes", pushing,
         "Then the collector finds the manifest, marks what it names, and nothing is lost."),
        ("the collector is done before the push comes", collecting,
         "Then the push finds out what is missing, and uploads it."),
        ("the last two could be the other way round", swap,
         "Look what the last step needs, and what the one before it took away or left."),
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
