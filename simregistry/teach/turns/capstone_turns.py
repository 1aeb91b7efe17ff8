"""Turns of the lesson on keeping a registry: rules that keep two promises within the budget, played for a year."""

from __future__ import annotations

from simregistry.study.capstone.play_year import play_year
from simregistry.study.capstone.playable_policy import check_policy
from simregistry.study.capstone.year_result import YearResult
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn

SEED = 1
PROMISED = ("laboratory", "old customer")
ONE_WAY = """\
[
    Rule("builds", "delete", tags="main-*", newest=5),
    Rule("branches", "delete", tags="branch-*", older_than=28 * DAY),
    Rule("releases", "delete", tags="v*", newest=20),
    Rule("in use", "keep", pulled_within=42 * DAY),
    Rule("promised", "keep", tags="v1.0"),
]"""


def promises() -> Turn:
    """Ask for a policy that keeps two promises and the budget."""
    return Turn(
        "capstone.promises",
        f"Year {SEED} again. You promised the laboratory and the old customer that they never pull in vain. The "
        "fullest day of the year must stay within the budget, which is 100% in the table. The example keeps both "
        "promises, but its fullest day is above the budget. Write a list of rules that keeps all three. Besides tags "
        "and repositories, a rule can have newest, older_than and pulled_within. It either deletes or keeps.",
        play,
        ONE_WAY,
        "The example never deletes a release. Old releases can go too, if the ones that were promised stay. A rule "
        "that keeps wins over every rule that deletes.",
        (
            "Which tags does no rule of the example ever delete?",
            "Let releases go by number, and look at who fails then.",
            "The old customer asks for the first release by its tag. A rule that keeps can name a tag.",
        ),
    )


def play(answer: object) -> Reveal:
    """Play the year under the learner's rules, and hold it against the promises and the budget."""
    year = play_year(check_policy(answer), SEED)
    parts = [f"{part}: {amount}" for part, amount, _ in year.score.table().rows if amount]
    lines = (*parts, f"score: {year.points:.1f}")
    broken = [who for who in PROMISED if any(failure.who == who for failure in year.failures)]
    over = year.peak_bytes - year.budget_bytes
    kept = len(PROMISED) - len(broken) + (over <= 0)
    if broken:
        return Reveal(f"Not yet: {_missed(year, broken[0])}", False, kept / 3, lines)
    if over > 0:
        percent = 100 * year.peak_bytes / year.budget_bytes
        return Reveal(f"Not yet: the fullest day has {percent:.0f}% of the budget.", False, kept / 3, lines)
    return Reveal("Right: both promises are kept, and no day is above the budget.", True, 1.0, lines)


def _missed(year: YearResult, who: str) -> str:
    failure = next(failure for failure in year.failures if failure.who == who)
    rule = failure.rule.partition(":")[0]
    return (
        f"the {who} pulls {failure.wanted} in vain on day {failure.day}. The rule “{rule}” deleted its tag on day "
        f"{failure.deleted_on}."
    )


TURNS = {"promises": promises}
