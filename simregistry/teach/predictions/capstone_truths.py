"""What is so in the lesson on keeping a registry, computed from the years that the notebook played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.registry.retention import Decision, RetentionPlan
from simregistry.study.capstone.class_table import HeldOut
from simregistry.study.capstone.year import Year
from simregistry.study.capstone.year_result import Failure, YearResult
from simregistry.table import Table
from simregistry.teach.predictions.prediction import Truth

PEOPLE = frozenset({"deployment", "new machine", "tester", "old customer", "laboratory"})


def four_releases(run: RetentionPlan) -> frozenset[str]:
    """Name the tags that the rule deletes."""
    return frozenset(str(subject.tag) for subject in run.deleted)


def never_pulled(lived: Year) -> Truth:
    """Compute the percent of the year's images that nobody pulled."""
    pushed = {push.manifest.digest for day in lived.pushes for push in day}
    pulled = {pull.digest for day in lived.pulls for pull in day}
    never = len(pushed - pulled)
    return Truth(round(100 * never / len(pushed)), {"never": never, "pushed": len(pushed)})


def everything_kept(nothing: YearResult) -> Truth:
    """Read the stored bytes of the year's last day."""
    return Truth(nothing.stored[-1], {"budget": nothing.budget_bytes})


def failed_pulls(month: YearResult) -> Truth:
    """Count the pulls that failed, and the kinds of people who tried them."""
    return Truth(len(month.failures), {"none": 0, "people": len({failure.who for failure in month.failures})})


def by_digest(failures: Table) -> int:
    """Find the first row whose image was asked for by digest."""
    return next(number for number, row in enumerate(failures.rows, 1) if "@" in str(row[1]))


def in_vain(counted: YearResult) -> frozenset[str]:
    """Name those of the people in question who pulled in vain."""
    return PEOPLE & {failure.who for failure in counted.failures}


def keeper(counted: YearResult) -> Truth:
    """Find out what the laboratory's build had hung on: a rule deleted its tag, or nothing did."""
    failure = next(failure for failure in counted.failures if failure.who == "laboratory")
    rule = failure.rule.partition(":")[0]
    deletes_tags = rule in {rule.name for rule in counted.rules if rule.action == "delete"}
    right = "the tag of the build" if deletes_tags else "the digest"
    return Truth(right, {"day": failure.deleted_on, "rule": rule})


def days(played: Mapping[int, YearResult]) -> Truth:
    """Find the number of days with which a year has the most points."""
    best = max(played, key=lambda number: played[number].points)
    return Truth(f"{best} days", {"best": played[best].points})


def laboratory(played: Mapping[int, YearResult]) -> int:
    """Find the smallest number of days from which on the laboratory never pulls in vain."""
    safe = [number for number in played if all(_safe(played[later].failures) for later in played if later >= number)]
    return min(safe)


def _safe(failures: tuple[Failure, ...]) -> bool:
    return all(failure.who != "laboratory" for failure in failures)


def behind(held: HeldOut) -> Truth:
    """Read how far the first policy is behind, on the years that it wasn't fitted to."""
    elsewhere, at_home = held.behind()[0][1], held.behind()[0][0]
    return Truth(elsewhere, {"at_home": at_home})


def old_collector(broken: YearResult) -> Truth:
    """Name the repository whose images could not be pulled."""
    repositories = {failure.wanted.replace("@", ":").partition(":")[0] for failure in broken.failures}
    options = {
        "web": "those of web, built for one platform", "api": "those of api, built for one platform",
        "jobs": "those of jobs, built for two platforms",
    }  # fmt: skip
    right = options[next(iter(repositories))] if len(repositories) == 1 else "none of them"
    return Truth(right, {"failed": len(broken.failures)})


def purge(run: RetentionPlan, decisions: Sequence[Decision]) -> Truth:
    """Compare what a command deletes with what the rule deletes."""
    by_rule, by_command = four_releases(run), {str(each.subject.tag) for each in decisions if each.deleted}
    right = "the same tags" if by_rule == by_command else "more tags" if by_rule < by_command else "other tags"
    return Truth(right, {"tags": " and ".join(sorted(by_command))})
