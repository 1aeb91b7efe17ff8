"""One Sunday in small: what a policy would take of some tags of one repository."""

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
    """Say what a policy would take on a day, of tags given with the days of their pushes and last pulls.

    >>> plan = weekly_cleanup([Rule("one", "delete", newest=1)], {"v1.0": 0, "v1.1": 14}, day=20)
    >>> [subject.tag for subject in plan.deleted]
    ['v1.0']
    """
    rules, fetched = check_policy(policy), pulled or {}
    if late := [tag for tag, when in (*pushed.items(), *fetched.items()) if when > day]:
        raise InvalidValue("tag", late[0], f"was not there on day {day}: give a later day")
    subjects = [
        Subject(repository, tag, Digest.of(tag.encode()), when * DAY, fetched[tag] * DAY if tag in fetched else None)
        for tag, when in pushed.items()
    ]
    # Tags alone are decided on: what they lead to plays no part.
    return dry_run(Inventory({}, {repository: Holding(repository)}, {}), subjects, rules, day * DAY)
