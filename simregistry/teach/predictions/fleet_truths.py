"""What is so in the lesson on fleets, computed from the pulls that the notebook simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.client.transfer_report import PullReport, PushReport
from simregistry.study.fleet import Fleet, Site
from simregistry.study.parameter_grid.run_grid import GridResult
from simregistry.study.published import Published
from simregistry.teach.predictions.prediction import Truth

MB, GB = 10**6, 10**9
# The sizes of the fleet before and after it doubles.
DOUBLED = (400, 800)


def last_of_three(outcome: Fleet, site: Site) -> Truth:
    """Read when the last machine was ready, to a tenth of a second."""
    machines = len(outcome.seconds)
    image = outcome.registry_bytes / machines
    alone = image / site.machine_down
    facts = {
        "share": site.registry / machines / MB, "all": outcome.registry_bytes / MB, "alone": round(alone, 1),
        "queue": round(machines * alone, 1), "once": round(image / site.registry, 1),
    }  # fmt: skip
    return Truth(round(outcome.slowest, 1), facts)


def egress_of_three(outcome: Fleet, image: Sequence[int]) -> Truth:
    """Count how often the image left the registry."""
    facts = {"egress": outcome.registry_bytes / GB, "image": sum(image) / GB}
    return Truth(round(outcome.registry_bytes / sum(image)), facts)


def least_egress(ways: Sequence[Fleet]) -> Truth:
    """Sort the ways by what left the registry."""
    in_order = sorted(ways, key=lambda fleet: fleet.registry_bytes)
    return Truth(tuple(fleet.way for fleet in in_order), {fleet.way: fleet.registry_bytes / GB for fleet in ways})


def own_images(farm: Sequence[Fleet]) -> Truth:
    """Compare the time through the cache with the time straight from the registry."""
    seconds = {fleet.way: fleet.slowest for fleet in farm}
    ratio = seconds["cache"] / seconds["registry"]
    limits = ((0.35, "about a quarter of the time"), (0.7, "about half of the time"), (1.05, "about the same time"))
    right = next((option for limit, option in limits if ratio < limit), "more time")
    return Truth(right, {"percent": 100 * (ratio - 1)})


def shared_base(outcome: Fleet, image: Sequence[int]) -> Truth:
    """Round what left the registry to 10 MB; ``image`` has the layers of one image, its own layer last."""
    machines = len(outcome.seconds)
    facts = {
        "machines": machines, "whole": machines * sum(image), "one": sum(image), "code": machines * image[-1],
    }  # fmt: skip
    return Truth(round(outcome.registry_bytes, -7), facts)


def doubling(grown: GridResult) -> Truth:
    """Compare the times of the peers before and after the fleet doubles."""
    before, after = (grown.where(way="peers", machines=machines).column("seconds")[0] for machines in DOUBLED)
    ratio = after / before
    limits = ((1.01, "no longer at all"), (1.2, "less than a fifth longer"), (1.75, "one and a half times as long"))
    right = next((option for limit, option in limits if ratio < limit), "twice as long")
    # A machine alone needs as long as one that sends all its layers on.
    alone = grown.where(way="peers", machines=1).column("seconds")[0]
    return Truth(right, {"before": before, "after": after, "more": after - before, "round": alone})


def overtake(pulls: Mapping[int, Sequence[Fleet]]) -> Truth:
    """Find the smallest fleet that peers serve before the cache does."""
    seconds = {machines: {fleet.way: fleet.slowest for fleet in fleets} for machines, fleets in pulls.items()}
    first = min(machines for machines, by_way in seconds.items() if by_way["peers"] < by_way["cache"])
    return Truth(first, seconds[first])


def moved_tag(waves: Mapping[str, Sequence[PullReport]], new: PushReport) -> frozenset[str]:
    """Name the waves in which all machines got the manifest that was pushed last."""
    return frozenset(
        f"those of {time}" for time, pulls in waves.items() if all(pull.digest == new.digest for pull in pulls)
    )


def kraken_floor(alone: Fleet, kraken: Published) -> Truth:
    """Read the time of one machine that has a registry for itself."""
    by_id = {figure.id: figure.computed for figure in kraken.figures}
    return Truth(round(alone.slowest, 1), {"registry": by_id["kraken-registry"]})


def nobody_measured(kraken: Published) -> Truth:
    """Find the row whose published value was derived by arithmetic."""
    row, figure = next((row, figure) for row, figure in enumerate(kraken.figures, 1) if figure.grade == "D")
    return Truth(row, {"grade": figure.grade, "seconds": figure.published})


def put_in(ant: Published) -> frozenset[str]:
    """Name the rows of clients that were computed from other rows."""
    clients = {figure: figure.id.rpartition("-")[2] for figure in ant.figures if figure.kind == "result"}
    return frozenset(f"{count} client{'s' if count != '1' else ''}" for count in clients.values())
