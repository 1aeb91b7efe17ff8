"""Registries side by side, by doing: what some deletions leave in a product, and a clean-up command that is run."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simregistry.oci.digest import Digest
from simregistry.registry.products.policies import parse_policy
from simregistry.registry.products.product import NAMES, product
from simregistry.registry.retention import DAY, Subject
from simregistry.study.products.product_scene import ProductScene
from simregistry.table import Table
from simregistry.teach.answers import FreeText, SomeOf
from simregistry.teach.exercises.named_layers import SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

# The two images that are asked about by digest, and the tags that may point at them.
FIRST, SECOND = "the digest of the first image", "the digest of the second image"
TAGS = ("stable", "v1", "v2", "today", "test", "main")
NOW = 100 * DAY


def pullable_after(name: str, first: Sequence[str], second: str, deleted: Sequence[str]) -> frozenset[str]:
    """Push two images to a product's registry, delete some tags, and say what can still be pulled."""
    scene = ProductScene(product(name))
    digests = {
        FIRST: scene.push(f"app:{first[0]}", "code of the first", tags=tuple(first[1:])).digest,
        SECOND: scene.push(f"app:{second}", "code of the second").digest,
    }
    for tag in deleted:
        scene.ask("DELETE", f"/v2/app/manifests/{tag}")
    references = {**{tag: tag for tag in (*first, second)}, **digests}
    # Some products take a repository away with its last image.
    there = "app" in scene.registry.storage.repositories
    return frozenset(shown for shown, reference in references.items() if there and scene.pullable("app", reference))


def after_deletions(dice: random.Random) -> Problem:
    """Ask what can still be pulled after two deletions in one product."""
    name = dice.choice(NAMES)
    *first, second = dice.sample(TAGS, dice.randint(3, 4))
    deleted = (first[0], second)
    right = pullable_after(name, first, second, deleted)
    title, claim = product(name).title, product(name).claim("delete_tag")
    return Problem(
        text=(
            f"In {title}, the tags {', '.join(first[:-1])} and {first[-1]} point at the first image of app. The tag "
            f"{second} points at the second image. A script asks to delete the tag {deleted[0]}, and then the tag "
            f"{deleted[1]}, in the product's ordinary way. By which of these names can an image be pulled afterwards?"
        ),
        answer=SomeOf(right, (*first, second, FIRST, SECOND)),
        misconceptions=_beliefs_on_after_deletions(first, second, deleted, right),
        hints=(
            "Take the two deletions one by one. Does the product carry out each of them?",
            "Does a deletion take only the tag, or the image too? Does it matter whether the image has another tag?",
        ),
        why=f"What is known of {title}: {claim.says} ({claim.status}).",
        given=Table(("deleting a tag", "how sure", "source"), ((claim.says, claim.status, claim.source),)),
    )


def _beliefs_on_after_deletions(
    first: Sequence[str], second: str, deleted: Sequence[str], right: frozenset[str]
) -> tuple[Misconception, ...]:
    """List what the rules of other products would leave: each is a belief about this one."""
    say = {
        "distribution-3": ("a deleted tag never takes its image",
                           "Read in the table whether the tag alone goes, and whether that is always so."),
        "ecr": ("an image goes with its last tag, and only then",
                "Read in the table what becomes of each image, and whether a request is refused."),
        "acr": ("to delete a tag is to delete the image",
                "Read in the table whether an image goes with any of its tags."),
        "docker-hub": ("a registry never deletes by tag", "Read in the table whether requests like these are refused."),
        "artifact-registry": ("a registry protects an image that has another tag",
                              "Read in the table whether the other tag of the first image matters."),
    }  # fmt: skip
    return beliefs(
        *((belief, pullable_after(name, first, second, deleted), message) for name, (belief, message) in say.items()),
        unless=right,
        once=True,
    )


def write_a_purge(dice: random.Random) -> Problem:
    """Ask for a command that cleans up one repository, and run it."""
    repository, prefix = dice.choice(SERVICES), dice.choice(("ci", "pr", "dev"))
    trap = {"ci": "special-1", "pr": "express-1", "dev": "undeveloped-1"}[prefix]
    keep, days = dice.randint(1, 2), dice.choice((7, 14, 30))
    old = [days + dice.randint(2 * number + 1, 2 * number + 2) for number in range(keep + 2)]
    young = sorted(dice.sample(range(1, days), 2))
    ages = {f"{prefix}-{number}": age for number, age in enumerate(sorted([*young, *old], reverse=True), 1)}
    ages |= {trap: days + 20, "release-1": days + 30, "": days + 10}
    subjects = tuple(
        Subject(repository, tag or None, Digest.of(f"{repository} {tag}".encode()), NOW - age * DAY)
        for tag, age in ages.items()
    )
    wish = frozenset(f"{prefix}-{number}" for number in range(1, len(old) - keep + 1))
    spared = "the newest one" if keep == 1 else f"the {keep} newest"
    right = f"acr purge --filter '{repository}:^{prefix}-' --ago {days}d --keep {keep}"
    return Problem(
        text=(
            f"Azure Container Registry cleans up with the command acr purge. In the repository {repository}, delete "
            f"the tags that begin with {prefix}- and are older than {days} days, but spare {spared} of them. "
            "Everything else stays. Write the command. It is run on the table."
        ),
        answer=FreeText(
            right,
            lambda text: differences(text, subjects, wish),
            "a command line, such as acr purge --filter 'shop:-rc$' --ago 5d",
        ),
        misconceptions=_beliefs_on_write_a_purge(repository, prefix, days, keep),
        hints=(
            "The filter has two regular expressions with a colon between them: the repository, and some part of a tag.",
            "^ is the beginning of a tag. --ago says how old, and --keep how many of those to spare.",
        ),
        why=f"The command deletes {', '.join(sorted(wish))}. What is younger than {days} days isn't looked at.",
        given=Table(("tag", "days old"), tuple((tag or "(no tag)", age) for tag, age in ages.items())),
        also_right=(f"acr purge --ago {days}d --keep {keep} --filter '{repository}:^{prefix}-.*'",),
    )


def differences(text: str, subjects: Sequence[Subject], wish: frozenset[str]) -> str:
    """Run a command, and say what it decides against the wish; "" where nothing."""
    decisions = parse_policy("acr-purge", " ".join(text.split())).decide(subjects, NOW)
    wrong = [one for one in decisions if one.deleted is not (one.subject.tag in wish)]
    taken = [one.subject.tag or "the manifest without a tag" for one in wrong if one.deleted]
    left = [one.subject.tag for one in wrong if not one.deleted and one.subject.tag]
    sentences = [f"{', '.join(taken)} should stay"] if taken else []
    return "; ".join([*sentences, *([f"{', '.join(left)} should go"] if left else [])])


def _beliefs_on_write_a_purge(repository: str, prefix: str, days: int, keep: int) -> tuple[Misconception, ...]:
    start = f"acr purge --filter '{repository}:"
    return beliefs(
        ("a filter is a pattern of a shell", f"{start}{prefix}*' --ago {days}d --keep {keep}",
         "It's a regular expression, and it may fit any part of a tag. Say where the tag begins."),
        ("what is kept by number needs no age", f"{start}^{prefix}-' --ago 0d --keep {keep}",
         "0d is any age. Then the young tags are counted too, and they use up the number to keep."),
        ("the age is enough", f"{start}^{prefix}-' --ago {days}d",
         "Some of the old ones are to be spared. There is an option for that."),
        ("a clean-up takes what has no tag anyway", f"{start}^{prefix}-' --ago {days}d --keep {keep} --untagged",
         "The wish is about tags alone. Leave the manifest without a tag where it is."),
    )  # fmt: skip


EXERCISES = (
    Exercise("products.after-deletions", "predict", "What is left?", ("products.compare",), after_deletions),
    Exercise("products.write-a-purge", "construct", "Clean up in Azure", ("products.compare",), write_a_purge),
)
