"""Ask for the retention rules of a team, and try them by a dry run on two months of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.study.capstone import weekly_cleanup
from simregistry.study.capstone.playable_policy import check_policy
from simregistry.table import Table
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import quoted

# For each tag the days of its push and of its last pull (None: nobody ever pulled it).
Month = Mapping[str, tuple[int, int | None]]
TODAY = {"this month": 31, "next month": 62}
MONTHS: Mapping[str, Month] = {
    "this month": {
        "ci-1": (2, None), "ci-2": (5, 29), "ci-3": (20, 21), "release-1": (6, None), "ci-4": (26, None),
        "ci-5": (27, None), "test-login": (28, 28), "release-2": (29, 30), "ci-6": (30, None),
    },
    "next month": {
        "release-1": (6, None), "ci-5": (27, 60), "release-2": (29, 40), "ci-6": (30, None), "ci-7": (41, None),
        "test-cart": (50, 61), "ci-8": (52, 52), "release-3": (58, None), "ci-9": (59, None), "ci-10": (60, None),
        "test-mail": (61, None),
    },
}  # fmt: skip
NEWEST, IN_USE = 3, 7
ONE_WAY = f"""\
[
    Rule("all", "delete"),
    Rule("builds", "keep", tags="ci-*", newest={NEWEST}),
    Rule("releases", "keep", tags="release-*"),
    Rule("in use", "keep", pulled_within={IN_USE} * DAY),
]"""


def tags_to_go(name: str) -> frozenset[str]:
    """Say which tags of a month are to go, straight from the wish and by no rule."""
    month = MONTHS[name]
    builds = sorted((tag for tag in month if tag.startswith("ci-")), key=lambda tag: month[tag][0])
    kept = {*builds[-NEWEST:], *(tag for tag in month if tag.startswith("release-"))}
    kept |= {tag for tag, (_, pulled) in month.items() if pulled is not None and TODAY[name] - pulled <= IN_USE}
    return frozenset(month) - kept


def rules_of_a_team() -> Turn:
    """Ask for rules that keep what a team wants, and try them by a dry run on two months."""
    rows = tuple(
        (tag, pushed, "never" if pulled is None else pulled) for tag, (pushed, pulled) in MONTHS["this month"].items()
    )
    return Turn(
        "collection.rules-of-your-own",
        f"It is day {TODAY['this month']}. The team wants to keep the {NEWEST} newest builds (ci-*), all releases "
        f"(release-*), and every tag that somebody pulled in the last {IN_USE} days. It wants to delete all other "
        "tags. Write a list of rules that does this. Besides tags, newest and older_than, a rule can say "
        f"pulled_within={IN_USE} * DAY. It is then only about tags that somebody pulled in the last {IN_USE} days. A "
        "dry run tries your rules on these tags, and then on those of the next month.",
        play_rules,
        ONE_WAY,
        "One rule deletes every tag, and three rules keep what the team wants. A rule that keeps wins over every rule "
        "that deletes.",
        (
            "The team names three kinds of tags to keep. Write a rule for each of them.",
            'A rule that keeps wins over all that delete. So one rule may delete everything: Rule("all", "delete").',
            'The newest builds are Rule("builds", "keep", tags="ci-*", newest=3). The other two are written like it.',
        ),
        Table(("tag", "pushed on day", "last pulled on day"), rows),
    )


def play_rules(answer: object) -> Reveal:
    """Try rules on both months, and name every tag that is decided wrongly."""
    try:
        policy = _read_rules(answer)
    except InvalidValue as error:
        wish = 'a list of rules, such as [Rule("old", "delete", older_than=30 * DAY)]'
        return Reveal(f"{quoted(answer)} cannot be read as rules: {error.rule}. Wanted: {wish}.", None)
    slips = {name: _slips(name, policy) for name in MONTHS}
    tags = sum(map(len, MONTHS.values()))
    score = 1 - sum(map(len, slips.values())) / tags
    if slips["this month"]:
        shown = tuple(slips["this month"])
        return Reveal("Not yet: the rules don't do what the team wants.", False, score, shown)
    if slips["next month"]:
        shown = tuple(slips["next month"])
        return Reveal("Not yet: this month all is right. Next month the same rules go wrong.", False, score, shown)
    return Reveal(f"Right: the rules decide all {tags} tags of both months as the team wants.", True, 1.0)


def _read_rules(answer: object) -> tuple[Rule, ...]:
    """Read a list of rules, or raise InvalidValue saying what to write instead."""
    policy = check_policy(answer)
    odd = [rule for rule in policy for part in (rule.name, rule.tags, rule.repositories) if not isinstance(part, str)]
    if odd:
        raise InvalidValue("rule", odd[0].name, 'names and patterns are strings, such as "ci-*"')
    return policy


def _slips(name: str, policy: Sequence[Rule]) -> list[str]:
    """Compare a dry run with the wish, tag by tag; each slip says by which rule."""
    month, gone = MONTHS[name], tags_to_go(name)
    pulled = {tag: day for tag, (_, day) in month.items() if day is not None}
    pushed = {tag: day for tag, (day, _) in month.items()}
    plan = weekly_cleanup(policy, pushed, pulled, day=TODAY[name], repository="web")
    return [
        f"{one.subject.tag} {'goes and should stay' if one.deleted else 'stays and should go'} ({one.why})"
        for one in plan.decisions
        if one.deleted is not (one.subject.tag in gone)
    ]
