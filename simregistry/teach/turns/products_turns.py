"""Turns of the lesson on registries side by side: a clean-up command in Azure's language, and the needs of a team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.oci.digest import Digest
from simregistry.registry.products.policies import parse_policy
from simregistry.registry.products.product import product
from simregistry.registry.retention import DAY, Decision, Subject
from simregistry.study.products.choose import NEEDS, ProductChoice, choose
from simregistry.table import Table
from simregistry.teach.answers import FreeText, SomeOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

# The ages in days of what two repositories have, today and a week later; "" is a manifest without a tag.
Ages = Mapping[tuple[str, str], float]
SHELVES: Mapping[str, Ages] = {
    "today": {
        ("app", "ci-1"): 12, ("app", ""): 10, ("app", "ci-2"): 9, ("app", "special-1"): 8, ("app", "ci-3"): 6,
        ("app", "release-1"): 5, ("app", "ci-4"): 3, ("app", "ci-5"): 1, ("app-test", "ci-1"): 12,
        ("app-test", "ci-2"): 9, ("app-test", "ci-3"): 6, ("app-test", "ci-4"): 3,
    },
    "next week": {
        ("app", "ci-3"): 13, ("app", "release-1"): 12, ("app", "ci-4"): 10, ("app", "keep-ci-2"): 9, ("app", "ci-5"): 8,
        ("app", "special-2"): 7, ("app", ""): 6, ("app", "ci-6"): 5, ("app", "ci-7"): 2, ("app", "ci-8"): 1,
    },
}  # fmt: skip
NOW, KEPT = 100 * DAY, 3
SYNTAX = "acr-purge"
ONE_COMMAND = f"acr purge --filter 'app:^ci-' --ago 0d --keep {KEPT}"
# What the team's letter asks for, as names of needs.
NEEDED = ("self_hosted", "no_stop", "shared_layers")
LETTER = (
    "Our machines have no way to the internet, so nobody else can run the registry for us. Builds push day and night, "
    "also while the disk is cleaned up. Twenty teams have repositories of their own on one base, and the disk is "
    "small. Everybody has an account. If somebody deletes an image by mistake, we build it again."
)


def purge() -> Turn:
    """Ask for a clean-up command, and run it on two shelves."""
    rows = tuple((repository, tag or "(no tag)", days) for (repository, tag), days in SHELVES["today"].items())
    return Turn(
        "products.purge",
        f"The repository app has builds, whose tags begin with ci-. The team wants to keep the {KEPT} newest builds of "
        "app and to delete all older ones. Nothing else is to go: no special edition, no release, no manifest without "
        "a tag, and nothing in app-test. Write the command. It's tried on this table, and then on that of next week.",
        play_purge,
        f'"{ONE_COMMAND}"',
        "The first expression has to fit the whole name of the repository. The second one has to fit some part of a "
        "tag, so it needs ^. Without it, ci-* takes special-1, which has ci in the middle, and ci- takes keep-ci-2. "
        "--keep counts among what would go.",
        (
            "Which repository, and which tags? These are the two sides of the colon in --filter.",
            "In a regular expression, * doesn't stand for any text. It repeats the sign before it, or leaves it out.",
            f"The age doesn't matter, so --ago is 0d. The {KEPT} newest are spared by --keep {KEPT}.",
        ),
        Table(("repository", "tag", "days old"), rows),
    )


def play_purge(answer: object) -> Reveal:
    """Run the command on both shelves, and name what it decides against the wish."""
    text = FreeText("", lambda text: "").read(answer)
    if isinstance(text, Unread):
        return text.reveal(answer, "one command line, such as \"acr purge --filter 'shop:-rc$' --ago 30d\"")
    policy = parse_policy(SYNTAX, " ".join(text.split()))
    slips = {when: _slips(ages, policy.decide(subjects(ages), NOW)) for when, ages in SHELVES.items()}
    score = 1 - sum(map(len, slips.values())) / sum(map(len, SHELVES.values()))
    if slips["today"]:
        sentence = "Not yet: the command doesn't do what the team wants."
        return Reveal(sentence, False, score, tuple(slips["today"]))
    if slips["next week"]:
        sentence = "Not yet: all is well today. Next week the same command goes wrong."
        return Reveal(sentence, False, score, tuple(slips["next week"]))
    gone = ", ".join(
        f"{repository}:{tag}" for repository, tag in SHELVES["today"] if (repository, tag) in to_go("today")
    )
    return Reveal(f"Right: the command deletes {gone} and nothing else. It's right next week, too.", True, 1.0)


def subjects(ages: Ages) -> tuple[Subject, ...]:
    """Write a shelf down as what a policy decides on."""
    return tuple(
        Subject(repository, tag or None, Digest.of(f"{repository} {tag}".encode()), NOW - days * DAY)
        for (repository, tag), days in ages.items()
    )


def to_go(when: str) -> frozenset[tuple[str, str]]:
    """Say what the team wants to go, straight from the wish and by no policy."""
    ages = SHELVES[when]
    builds = sorted((key for key in ages if key[0] == "app" and key[1].startswith("ci-")), key=lambda key: ages[key])
    return frozenset(builds[KEPT:])


def _slips(ages: Ages, decisions: Sequence[Decision]) -> list[str]:
    """Compare what a policy decides with the wish."""
    when = next(name for name, shelf in SHELVES.items() if shelf is ages)
    wish = to_go(when)
    return [
        f"{one.subject.name} {'goes and should stay' if one.deleted else 'stays and should go'} ({one.why})"
        for one in decisions
        if one.deleted is not ((one.subject.repository, one.subject.tag or "") in wish)
    ]


def needs() -> Turn:
    """Ask for the needs in a team's letter, and judge all products by them."""
    return Turn(
        "products.needs",
        f'A team writes: "{LETTER}" Write the names of the needs in this letter, all of them and no other. All '
        "products are then judged by your list.",
        play_needs,
        str(list(NEEDED)).replace("'", '"'),
        "The letter asks for three things. It says of two others that the team can do without them: pulls without an "
        "account, and deletions that can be undone.",
        (
            "Go through the letter sentence by sentence. Which question of the table does each one answer?",
            "Two sentences tell you what the team does not need.",
            "Twenty repositories on one base and a small disk: that's about the bytes of shared layers.",
        ),
    )


def play_needs(answer: object) -> Reveal:
    """Judge all products by the needs named, and hold the list against the letter."""
    names = tuple(need.name for need in NEEDS)
    named = SomeOf(frozenset(NEEDED), names).read(answer)
    if isinstance(named, Unread):
        return named.reveal(answer, f"a list of needs, some of {', '.join(names)}")
    asked, wanted = choose(*(name for name in names if name in named)), choose(*NEEDED)
    score = sum((name in named) is (name in NEEDED) for name in names) / len(names)
    if extra := [need for need in asked.needs if need.name not in NEEDED]:
        sentence = f"Not yet: the letter doesn't ask for {extra[0].name} ({extra[0].question})."
        return Reveal(sentence, False, score, _verdicts(asked))
    if len(asked.needs) < len(NEEDED):
        more = [name for name in asked.fitting if name not in wanted.fitting]
        others = " and ".join(more) if len(more) < 3 else f"{len(more)} other products"
        sentence = f"Not yet: by your list, {others} would fit as well. Something in the letter is against that."
        return Reveal(sentence, False, score, _verdicts(asked) if asked.needs else ())
    fitting = " and ".join(product(name).title for name in wanted.fitting)
    return Reveal(f"Right: {fitting} fits, and no other product does for sure.", True, 1.0, _verdicts(wanted))


def _verdicts(choice: ProductChoice) -> tuple[str, ...]:
    """Write each verdict with the facts that decide it, and how sure those are that speak for a product."""
    lines = []
    for verdict in choice.verdicts:
        claims = [verdict.product.claim(need.field) for need in choice.needs]
        sure = ", ".join(f"{claim.field.replace('_', ' ')} {claim.status}" for claim in claims)
        lines.append(f"{verdict.product.title}: {verdict.word} ({verdict.why or sure})")
    return tuple(lines)


TURNS = {"purge": purge, "needs": needs}
