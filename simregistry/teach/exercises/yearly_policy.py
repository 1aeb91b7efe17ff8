"""Keep the registry: what a rule takes and what it costs, which rule it was, what is scored, what to run next."""

from __future__ import annotations

import random
from dataclasses import replace

from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.gc.reports import freed_by
from simregistry.registry.retention import DAY, Rule
from simregistry.teach.answers import Number, OneOf, SomeOf
from simregistry.teach.exercises import policy_writing
from simregistry.teach.exercises.named_layers import BASES, MB, SERVICES, NamedLayers, draw_sizes
from simregistry.teach.exercises.sunday_shelf import Tag, decided, gone, in_words, shelf, shelf_table
from simregistry.teach.exercises.year_scores import score_it, what_to_run
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def rules_of(dice: random.Random) -> list[Rule]:
    """Draw a policy of four rules."""
    return [
        Rule("builds", "delete", tags="main-*", newest=dice.randint(1, 3)),
        Rule("branches", "delete", tags="branch-*", older_than=dice.choice((7, 14, 21)) * DAY),
        Rule("releases", "delete", tags="v*", newest=dice.randint(2, 3)),
        Rule("in use", "keep", pulled_within=dice.choice((7, 14, 21)) * DAY),
    ]


def what_goes(dice: random.Random) -> Problem:
    """Ask which tags a policy takes on a Sunday."""
    tags, rules = shelf(dice), rules_of(dice)
    right, names = gone(tags, rules), tuple(tag.name for tag in tags)
    spared = rules[2].newest or 0
    releases = sorted(
        (name for name in names if name.startswith("v")), key=lambda v: [int(n) for n in v[1:].split(".")]
    )
    by_number = frozenset(releases[:-spared])
    return Problem(
        text=f"It is Sunday night. Which tags does this policy delete?\n\n{in_words(rules)}",
        answer=SomeOf(right, names),
        misconceptions=_beliefs_on_what_goes(right, tags, rules, by_number),
        hints=(
            "Begin with the three rules that delete. Each has its own kind of tags.",
            "Sort the releases by the days since their push. Their numbers don't matter.",
            "Then take out the tags that the last rule keeps.",
        ),
        why=f"It deletes {len(right)} of {len(tags)} tags. Each fits a rule that deletes, and not the last rule.",
        given=shelf_table(tags),
    )


def _beliefs_on_what_goes(
    right: frozenset[str], tags: tuple[Tag, ...], rules: list[Rule], by_number: frozenset[str]
) -> tuple[Misconception, ...]:
    others = frozenset(name for name in right if not name.startswith("v"))
    kept_by_pull = gone(tags, rules[:3]) - right
    return beliefs(
        ("a rule that deletes wins if it stands first", right | kept_by_pull,
         "A tag that was pulled lately stays. A rule that keeps wins, wherever it is in the list."),
        ("newest goes by the number of the version", others | (by_number - kept_by_pull),
         "Newest means pushed last. The hotfix was pushed last, so it is the newest, whatever its number is."),
        ("a pull protects builds alone", gone(tags, [*rules[:3], replace(rules[3], tags="main-*")]),
         "The last rule fits every tag, so a pull protects releases and branches as well."),
        ("what nobody pulls goes", frozenset(tag.name for tag in tags if tag.pulled is None),
         "The rule about pulls only keeps. A tag that nobody pulls goes only if a rule that deletes fits it."),
        unless=right, once=True,
    )  # fmt: skip


def what_a_rule_costs(dice: random.Random) -> Problem:
    """Ask how many megabytes a rule on releases frees."""
    name, base = dice.choice(SERVICES), dice.choice(BASES)
    stacks, world = _five_releases(base, name, dice)
    keep = dice.randint(1, 4)
    names = list(stacks)
    inventory = take_inventory(world.registry.storage)
    stay, taken = names[-keep:], names[:-keep]
    freed = freed_by(inventory, taken) // MB * MB
    misconceptions = _beliefs_on_what_a_rule_costs(taken, stacks, world, inventory, freed)
    return Problem(
        text=(
            f"A registry has five releases of {name}. They were pushed in this order. "
            f"A rule keeps the newest {keep} and deletes the others. Then the collector runs. "
            "How many megabytes of layers does that free?"
        ),
        answer=Number(freed, "MB"),
        misconceptions=misconceptions,
        hints=(
            "List the layers of the releases that stay.",
            "Now look at the other releases. Count each of their layers once, if it isn't in that list.",
        ),
        why=f"The layers of {', '.join(stay)} stay. All other layers go, and each counts once.",
        given=world.table(stacks),
    )


def _beliefs_on_what_a_rule_costs(
    taken: list[str], stacks: dict[str, tuple[str, str, str]], world: NamedLayers, inventory: Inventory, freed: int
) -> tuple[Misconception, ...]:
    goes = [layer for reference in taken for layer in stacks[reference]]
    asked = sum(world.sizes[layer] for layer in goes)
    tops = sum(world.sizes[stacks[reference][-1]] for reference in taken)
    apart = sum(freed_by(inventory, [reference]) // MB for reference in taken)
    # Where two answers are equal, the belief that stands later takes the other's place.
    by_megabytes = {
        asked: ("an image costs its size", asked,
                "The registry has a shared layer once. It stays as long as one release needs it."),
        tops: ("only the code is a release's own", tops,
               "When the last release on a base goes, its base and its dependencies go too."),
        apart: ("what several free is the sum of what each frees alone", apart,
                "If two releases share a layer, deleting one of them leaves it there. Deleting both frees it."),
        0: ("taking tags away frees nothing", 0,
            "A deletion alone frees nothing. But here the collector runs after it."),
    }  # fmt: skip
    return beliefs(*by_megabytes.values(), unless=freed // MB)


def _five_releases(base: str, name: str, dice: random.Random) -> tuple[dict[str, tuple[str, str, str]], NamedLayers]:
    """Draw five releases on three bases, and push them."""
    layers = {
        "1.0": (f"{base} May", "deps May"),
        "1.1": (f"{base} May", "deps May"),
        "1.2": (f"{base} June", "deps June"),
        "1.3": (f"{base} June", "deps June, new"),
        "1.4": (f"{base} July", "deps July"),
    }
    stacks = {f"{name}:v{version}": (*below, f"code {version}") for version, below in layers.items()}
    world = NamedLayers(draw_sizes(dice, dict.fromkeys(layer for stack in stacks.values() for layer in stack)))
    for reference, stack in stacks.items():
        world.push(reference, stack)
    return stacks, world


def which_rule(dice: random.Random) -> Problem:
    """Ask which rule a failed pull goes back to."""
    tags, rules = shelf(dice), rules_of(dice)
    rules.insert(dice.randrange(4), Rule("age", "delete", older_than=dice.choice((28, 35, 42)) * DAY))
    asked, right = _a_tag_that_went(tags, rules, dice)
    options = tuple(rule.name for rule in rules)
    fitting = [rule.name for rule in rules if rule.action == "delete" and asked.name in gone(tags, [rule])]
    misconceptions = _beliefs_on_which_rule(asked, options, right)
    return Problem(
        text=(
            f"On Monday a pull of app:{asked.name} fails. On Sunday night this policy "
            f"ran:\n\n{in_words(rules)}\n\nWhich rule does the log name for this tag? "
            "If several rules delete a tag, the log names the first of them in the list."
        ),
        answer=OneOf(right, options),
        misconceptions=misconceptions,
        hints=(
            "Which rules fit a tag of that name?",
            "Look at the tag's age. Then count the newer tags of its kind.",
            "If two rules fit, the log names the first in the list.",
        ),
        why=(
            f"The rule{'' if len(fitting) == 1 else 's'} {' and '.join(fitting)} "
            f"{'fits' if len(fitting) == 1 else 'fit'} this tag, and no rule keeps it."
        ),
        given=shelf_table(tags),
    )


def _a_tag_that_went(tags: tuple[Tag, ...], rules: list[Rule], dice: random.Random) -> tuple[Tag, str]:
    """Choose a tag that is gone, with the rule that took it."""
    decisions = {decision.subject.tag or "": decision for decision in decided(tags, rules).decisions}
    taken = [tag for tag in tags if decisions[tag.name].deleted]
    asked = dice.choice(taken or tags)
    right = decisions[asked.name].why.partition(":")[0] if taken else ""
    return asked, right


def _beliefs_on_which_rule(asked: Tag, options: tuple[str, ...], right: str) -> tuple[Misconception, ...]:
    say = {
        "age": (
            f"That rule deletes what is older than its days, and {asked.name} was pushed {asked.pushed} days ago. "
            "If several rules fit, the log names the first in the list."
        ),
        "builds": (
            "That rule deletes tags main-*, and spares the newest of them. "
            "If several rules fit, the log names the first in the list."
        ),
        "branches": (
            "That rule deletes tags branch-* that are older than its days. "
            "If several rules fit, the log names the first in the list."
        ),
        "releases": (
            "That rule deletes tags v*, and spares those that were pushed last. "
            "If several rules fit, the log names the first in the list."
        ),
        "in use": "That rule keeps. It never deletes a tag.",
    }
    return beliefs(*((f"it was {name}", name, say[name]) for name in options), unless=right)


EXERCISES = (
    Exercise("capstone.what-goes", "predict", "What goes on Sunday?", ("capstone.cost",), what_goes),
    Exercise("capstone.what-it-costs", "predict", "What do old releases cost?", ("capstone.cost",), what_a_rule_costs),
    Exercise("capstone.which-rule", "explain", "Which rule was it?", ("capstone.why",), which_rule),
    Exercise("capstone.score-it", "predict", "What is the score?", ("capstone.cost",), score_it),
    policy_writing.EXERCISE,
    Exercise("capstone.what-to-run", "find", "Which policy would you run?", ("capstone.judge",), what_to_run),
)
