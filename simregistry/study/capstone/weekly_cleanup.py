"""One Sunday in small: which tags of one repository a policy would delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Holding, Inventory
from simregistry.registry.retention import DAY, RetentionPlan, Rule, Subject, dry_run
from simregistry.study.capstone.playable_policy import check_policy


def weekly_cleanup(
    policy: Sequence[Rule],
    pushed: Mapping[str, int],
    pulled: Mapping[str, int] | None = None,
    *,
    day: int,
    repository: str = "api",
) -> RetentionPlan:
    """Plan what a policy deletes on a day; tags are given with the days of their pushes and of their last pulls.

    >>> plan = weekly_cleanup([Rule("one", "delete", newest=1)], {"v1.0": 0, "v1.1": 14}, day=20)
    >>> [subject.tag for subject in plan.deleted]
    ['v1.0']
    """
    rules, pulls = check_policy(policy), pulled or {}
    if late := [tag for tag, when in (*pushed.items(), *pulls.items()) if when > day]:
        raise InvalidValue("tag", late[0], f"was not there on day {day}: give a later day")
    subjects = [
        Subject(repository, tag, Digest.of(tag.encode()), when * DAY, pulls[tag] * DAY if tag in pulls else None)
        for tag, when in pushed.items()
    ]
    # The rules decide on tags alone, so the inventory behind them can be empty.
    return dry_run(Inventory({}, {repository: Holding(repository)}, {}), subjects, rules, day * DAY)
