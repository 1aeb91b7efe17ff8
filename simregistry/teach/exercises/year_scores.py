"""Keep the registry, a year: what its score is, and which policy to run next."""

from __future__ import annotations

import random

from simregistry.study.capstone import YearScore
from simregistry.study.capstone.policy_grid import policy_grid
from simregistry.study.capstone.search import SEEDS, mean, tries_of
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf
from simregistry.teach.problem import Misconception, Problem, beliefs


def score_it(dice: random.Random) -> Problem:
    """Ask for the score of a year from its parts."""
    budget = dice.choice((4, 5, 8, 10))
    mean_share, over = dice.choice((30, 40, 50, 60, 70, 80)), dice.choice((0, 0, 4, 8, 15, 20))
    peak_share = 100 + over if over else dice.choice((85, 90, 95, 99))
    lost = dice.randint(1, 4)
    tries = [dice.randint(1, 6) for _ in range(lost)]
    scale = budget * 10**7
    score = YearScore(mean_share * scale, peak_share * scale, 100 * scale, sum(tries), lost)
    storage = round(score.storage)
    failed = sum(tries)
    names = [f"v1.{n}" for n in sorted(dice.sample(range(12), lost))]
    rows = _rows_of_year(budget, mean_share, peak_share, names, tries)
    right = round(score.points)
    return Problem(
        text=(
            "A year is over. Its score begins at 100 points. A mean of all days as large as the budget costs 20 "
            "points, and half of that costs 10. Each percent above the budget on the fullest day "
            "costs 1 point. Each pull that failed costs 1 point. Each image that was gone when somebody needed it "
            "costs 3 more. All images in the table were gone. How many points are left?"
        ),
        answer=Number(right, "points"),
        misconceptions=_beliefs_on_score_it(storage, over, failed, lost, peak_share, right),
        hints=(
            f"The mean costs {mean_share}% of 20 points.",
            "Add up the pulls that failed, and count the images.",
            "Is the fullest day above the budget?",
        ),
        why=(
            f"The mean costs {storage}, the fullest day {over}, the failed pulls {failed}, and {lost} lost "
            f"image{'' if lost == 1 else 's'} {3 * lost}. That leaves {right} of 100."
        ),
        given=Table(("what", "how much"), rows),
    )


def _rows_of_year(
    budget: int, mean_share: int, peak_share: int, names: list[str], tries: list[int]
) -> tuple[tuple[str, str], ...]:
    """Write a row for each part of the score."""
    return (
        ("budget", f"{budget} GB"),
        ("mean of all days", f"{mean_share}% of the budget"),
        ("fullest day", f"{peak_share}% of the budget"),
        *((f"pulls of app:{name} that failed", str(count)) for name, count in zip(names, tries, strict=True)),
    )


def _beliefs_on_score_it(
    storage: int, over: int, failed: int, lost: int, peak_share: int, right: int
) -> tuple[Misconception, ...]:
    return beliefs(
        ("each failed pull loses an image", 100 - storage - over - failed - 3 * failed,
         "An image is lost only once, however often somebody asks for it."),
        ("a failed pull is already counted with the lost image", 100 - storage - over - 3 * lost,
         "Both count. Each failed pull costs 1, and each lost image costs 3."),
        ("the fullest day counts even within the budget", 100 - storage - (peak_share - 100) - failed - 3 * lost,
         "Within the budget the fullest day costs nothing. It doesn't earn points either."),
        ("the mean does not matter within the budget", 100 - over - failed - 3 * lost,
         "You pay for bytes on every day. A full budget costs 20 points, and half of it costs 10."),
        unless=right, once=True,
    )  # fmt: skip


def what_to_run(dice: random.Random) -> Problem:
    """Ask which of four policies to run next year, by the year that they were chosen on and five others."""
    # Mostly a year whose best is not the best elsewhere; not always, or one could tell without looking.
    plain = dice.random() < 0.25
    while True:
        seen, *others = dice.sample(SEEDS, 6)
        order = sorted(range(len(tries_of(seen))), key=lambda n: -tries_of(seen)[n])
        chosen = dict(
            zip(("alpha", "beta", "gamma", "delta"), sorted([order[0], *dice.sample(order[1:40], 3)]), strict=True)
        )
        there = {letter: tries_of(seen)[n] for letter, n in chosen.items()}
        elsewhere = {letter: mean(tries_of(seed)[n] for seed in others) for letter, n in chosen.items()}
        right = max(chosen, key=lambda letter: elsewhere[letter])
        if elsewhere[right] > sorted(elsewhere.values())[-2] and plain is (chosen[right] == order[0]):
            break
    rows = _rows_of_policies(chosen, others, there, elsewhere)
    return Problem(
        text=(
            f"Somebody chose these four policies by their scores in year {seen}. Then each of them was played on five "
            "other years. From which one do you expect the highest score in a year that nobody has seen?"
        ),
        answer=OneOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_what_to_run(chosen, there, elsewhere, right),
        hints=(
            "Which columns did nobody use for choosing?",
            "The mean of five years says more than the best or the worst one.",
        ),
        why=f"{right} has the highest mean on the five years that nobody used for choosing.",
        given=Table(("policy", "rules", f"year {seen}", "mean of 5 others", "worst of 5 others"), rows),
    )


def _rows_of_policies(
    chosen: dict[str, int], others: list[int], there: dict[str, float], elsewhere: dict[str, float]
) -> tuple[tuple[str, ...], ...]:
    """Write a row for each policy."""
    policies = list(policy_grid())
    worst = {letter: min(tries_of(seed)[n] for seed in others) for letter, n in chosen.items()}
    return tuple(
        (letter, str(policies[n]), f"{there[letter]:.1f}", f"{elsewhere[letter]:.1f}", f"{worst[letter]:.1f}")
        for letter, n in chosen.items()
    )


def _beliefs_on_what_to_run(
    chosen: dict[str, int], there: dict[str, float], elsewhere: dict[str, float], right: str
) -> tuple[Misconception, ...]:
    gap = {letter: there[letter] - elsewhere[letter] for letter in chosen}
    return beliefs(
        ("the best so far is the best", max(there, key=lambda letter: there[letter]),
         "It was chosen because it was the best in that year. A part of its score was luck."),
        ("the smallest gap is the best", min(gap, key=lambda letter: gap[letter]),
         "A policy can be equally bad everywhere. Compare the scores on years that nobody used for choosing."),
        ("the larger numbers are the safer policy", "delta",
         "The score already includes what more rules and more days cost. Compare the scores."),
        ("a policy that does badly there does better next time", min(there, key=lambda letter: there[letter]),
         "Bad luck in one year brings no good luck in the next. Compare the scores on the other years."),
        unless=right, once=True,
    )  # fmt: skip
