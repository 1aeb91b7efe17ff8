"""Tags, retention, collection, the rules: one is written, one is read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from simregistry.oci.digest import Digest
from simregistry.registry.products.policies import parse_policy
from simregistry.registry.retention import DAY, Subject
from simregistry.table import Table
from simregistry.teach.answers import FreeText, SomeOf
from simregistry.teach.exercises.named_layers import indented
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def which_tags_stay(dice: random.Random) -> tuple[tuple[Subject, ...], float, list[tuple[str, int]]]:
    """Draw tags with ages in days, on an image each."""
    names = [*(f"build-{n}" for n in dice.sample(range(10, 99), 4)), "release-1", "latest"]
    ages = dict(zip(names, dice.sample(range(1, 60), len(names)), strict=True))
    now = 100 * DAY
    subjects = tuple(Subject("app", name, Digest.of(name.encode()), now - age * DAY) for name, age in ages.items())
    return subjects, now, sorted(ages.items(), key=lambda pair: pair[1])


def _policy(count: int, how: str = "imageCountMoreThan", **tags: object) -> str:
    unit = {"countUnit": "days"} if how != "imageCountMoreThan" else {}
    selection = {"tagStatus": "tagged", **tags, "countType": how, **unit, "countNumber": count}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]}, indent=1)


def write_a_rule(dice: random.Random) -> Problem:
    """Ask for a lifecycle policy that deletes just what is wanted."""
    subjects, now, ages = which_tags_stay(dice)
    builds = [name for name, _ in ages if name.startswith("build-")]
    keep = dice.randint(1, 3)
    expiring = frozenset(builds[keep:])
    problem = _deletes_just(subjects, now, expiring)
    return Problem(
        text=(
            (
                "Write a lifecycle policy for Amazon ECR. Among the images with a tag build-…, it keeps the newest "
                f"{keep} and deletes the others. It leaves release-1 and latest alone. Here is an example. It keeps "
                "the newest 9 images with a tag test-…:\n\n"
            )
            + indented(_policy(9, tagPrefixList=["test-"]).splitlines())
        ),
        answer=FreeText(_policy(keep, tagPrefixList=["build-"]), problem, "a policy as JSON"),
        misconceptions=_beliefs_on_write_a_rule(keep, builds),
        hints=(
            "tagPrefixList says which images the rule is about.",
            f"imageCountMoreThan with countNumber {keep} keeps {keep} of them.",
        ),
        why=f"The rule deletes {', '.join(sorted(expiring)) or 'nothing'}. It isn't about the other tags.",
        given=Table(("tag", "pushed, days ago"), tuple(ages)),
        also_right=(
            json.dumps(json.loads(_policy(keep, tagPrefixList=["build-"]))),
            _policy(keep, tagPatternList=["build-*"]),
        ),
    )


def _beliefs_on_write_a_rule(keep: int, builds: list[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a rule counts all images, whatever their tags", _policy(keep, tagPatternList=["*"]),
         "That counts every image. Count only those with a tag build-…."),
        ("newest means days", _policy(keep, "sinceImagePushed", tagPrefixList=["build-"]),
         "That goes by age. It deletes images that are older than so many days, however few are left."),
        ("the number says how many go",
         _policy(len(builds) - keep if len(builds) - keep != keep else keep + 1, tagPrefixList=["build-"]),
         "The number says how many stay. The older ones expire."),
    )  # fmt: skip


def _deletes_just(subjects: tuple[Subject, ...], now: float, expiring: frozenset[str]) -> Callable[[str], str]:
    """Make the check of a policy: does it delete these tags and no others?"""

    def problem(text: str) -> str:
        decisions = parse_policy("ecr-lifecycle", text).decide(subjects, now)
        gone = frozenset(decision.subject.tag or "" for decision in decisions if decision.deleted)
        wrong = [f"{name} goes and should stay" for name in sorted(gone - expiring)]
        return "; ".join([*wrong, *(f"{name} stays and should go" for name in sorted(expiring - gone))])

    return problem


def read_a_rule(dice: random.Random) -> Problem:
    """Ask which tags a purge command deletes."""
    subjects, now, ages = which_tags_stay(dice)
    limit, keep = dice.randint(5, 30), dice.randint(0, 2)
    pattern = dice.choice(("^build-", "^build-", ".*"))
    text = f"acr purge --filter 'app:{pattern}' --ago {limit}d" + (f" --keep {keep}" if keep else "")
    decisions = parse_policy("acr-purge", text).decide(subjects, now)
    gone = frozenset(decision.subject.tag or "" for decision in decisions if decision.deleted)
    names = tuple(name for name, _ in ages)
    young = frozenset(name for name, age in ages if age < limit)
    return Problem(
        text=f"Which tags does this command of Azure Container Registry delete?\n\n    {text}",
        answer=SomeOf(gone, names),
        misconceptions=_beliefs_on_read_a_rule(names, young, keep, pattern, gone),
        hints=(
            "First find the tags that fit the expression after the colon.",
            f"Which of those are older than {limit} days?",
            *(["Then --keep spares the newest of these."] if keep else []),
        ),
        why=f"It deletes {len(gone)} of {len(names)} tags, as the command's documentation says. A dry run lists them.",
        given=Table(("tag", "pushed, days ago"), tuple(ages)),
    )


def _beliefs_on_read_a_rule(
    names: tuple[str, ...], young: frozenset[str], keep: int, pattern: str, gone: frozenset[str]
) -> tuple[Misconception, ...]:
    old = frozenset(names) - young
    builds = frozenset(name for name in names if name.startswith("build-"))
    return beliefs(
        ("what is young goes", young, "--ago 7d means older than seven days."),
        ("the expression is only a hint", old,
         "A tag goes only if it fits the expression as well"
         + (", and --keep spares the newest of those that would go." if keep else ".")),
        ("age does not matter", builds if "build" in pattern else frozenset(names),
         "A tag goes only if it is older than --ago says."),
        ("nothing goes without --untagged", frozenset(),
         "This command deletes tags. With --untagged it also deletes manifests without a tag."),
        unless=gone,
    )  # fmt: skip


EXERCISES = (
    Exercise("collection.write-a-rule", "construct", "Write a retention rule", ("collection.rules",), write_a_rule),
    Exercise("collection.read-a-rule", "predict", "Read a retention rule", ("collection.rules",), read_a_rule),
)
