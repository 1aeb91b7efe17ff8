"""Retention: rules as data, a stated precedence, and a dry run that says why."""

from __future__ import annotations

import pytest
from world import World

from simregistry import Request
from simregistry.errors import InvalidValue
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import DAY, RetentionPlan, Rule, carry_out, dry_run, subjects_of

NOW = 100 * DAY
NEWEST_TWO = Rule("newest two", "delete", newest=2)
OLD = Rule("a month", "delete", older_than=30 * DAY)
RELEASES = Rule("releases", "keep", tags="release-*")
PULLED = Rule("in use", "keep", pulled_within=7 * DAY)
LEFT_OVERS = Rule("left-overs", "delete", untagged=True, older_than=7 * DAY)


@pytest.fixture
def world() -> World:
    """Four builds of one repository, a release among them; one build has lost its tag, and an index has two children."""
    world = World()
    for layers, tag in (("ab", "b1"), ("ac", "b2"), ("ad", "release-1"), ("ae", "b3"), ("af", "b3")):
        world.image(layers, tag)
    world.index(world.image("g"), world.image("h"), tags=("multi",))
    return world


SINCE = {"app:b1": 10 * DAY, "app:b2": 80 * DAY, "app:b3": 99 * DAY, "app:release-1": 5 * DAY, "app:multi": 98 * DAY}


def run(world: World, *rules: Rule, pulled: dict[str, float] | None = None) -> RetentionPlan:
    """A dry run at day 100."""
    inventory = world.inventory()
    return dry_run(inventory, subjects_of(inventory, SINCE, pulled), rules, NOW)


def gone(plan: RetentionPlan) -> list[str]:
    """The names of what would go; untagged manifests by a star."""
    return sorted(subject.tag or "*" for subject in plan.deleted)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], []),
        ([NEWEST_TWO], ["b1", "b2", "release-1"]),
        ([OLD], ["b1", "release-1"]),
        ([OLD, RELEASES], ["b1"]),
        ([RELEASES, OLD], ["b1"]),
        ([Rule("builds", "delete", tags="b*", newest=1)], ["b1", "b2"]),
        ([Rule("builds", "delete", tags="b*", newest=1, older_than=30 * DAY)], ["b1"]),
        ([Rule("elsewhere", "delete", repositories="web")], []),
        ([Rule("all but three", "delete"), Rule("three", "keep", newest=3)], ["b1", "release-1"]),
        ([LEFT_OVERS], ["*"]),
    ],
    ids=lambda value: ",".join(r.name for r in value) if value and isinstance(value[0], Rule) else None,
)
def test_what_a_set_of_rules_takes(world, rules, expected):
    """In whatever order the rules stand."""
    assert gone(run(world, *rules)) == expected
    assert gone(run(world, *reversed(rules))) == expected


def test_what_was_pulled_lately_stays(world):
    """And only that."""
    plan = run(world, OLD, PULLED, pulled={"app:b1": 95 * DAY, "app:release-1": 50 * DAY})
    assert gone(plan) == ["release-1"]


def test_untagged_is_not_unreferenced(world):
    """The children of a tagged index stay, and the dry run says for whom; the image that lost its tag goes."""
    plan = run(world, LEFT_OVERS)
    reasons = [decision.why for decision in plan.decisions if decision.subject.tag is None]
    assert sorted(reasons)[:2] == ["app:multi stays and names it"] * 2
    assert len(plan.deleted) == 1


def test_children_go_with_their_index_once_its_tag_is_gone(world):
    """The index first, since it names them."""
    world.registry.handle(Request("DELETE", "/v2/app/manifests/multi"))
    plan = run(world, LEFT_OVERS)
    assert gone(plan) == ["*"] * 4
    carry_out(world.storage, plan)
    assert set(world.storage.repository("app").manifests) == set(world.storage.repository("app").tags.values())


def test_a_dry_run_changes_nothing_and_carrying_it_out_does_what_it_says(world):
    """Names go; the bytes go with the collector."""
    before = world.registry.snapshot()
    plan = run(world, NEWEST_TWO, RELEASES)
    assert world.registry.snapshot() == before
    carry_out(world.storage, plan)
    after = world.registry.snapshot()
    assert sorted(after.tags["app"]) == ["b3", "multi", "release-1"]
    assert after.stored_bytes == before.stored_bytes
    assert DISTRIBUTION_3.plan(world.inventory(), True).freed_bytes > 0


def test_every_decision_names_its_rule_in_words(world):
    """So a dry run can be read by somebody who did not write the rules."""
    plan = str(run(world, OLD, RELEASES))
    assert "2 of" not in plan.splitlines()[0] and "this is a dry run" in plan
    assert "releases: keep tags release-* of repositories *" in plan
    assert "a month: delete tags * of repositories * that are older than 30 days" in plan
    assert "no rule fits it" in plan


@pytest.mark.parametrize(
    "bad", [{"action": "maybe"}, {"action": "keep", "newest": -1}, {"action": "delete", "untagged": True, "newest": 2}]
)
def test_a_rule_that_makes_no_sense_is_refused(bad):
    """When it is written, not when it runs."""
    with pytest.raises(InvalidValue):
        Rule("bad", **bad)
