"""What is so in the appendix on published figures, computed from the figures and hubs that the notebook passed."""

from __future__ import annotations

from simregistry.study.population import PopulationSharing
from simregistry.study.published import Published
from simregistry.study.published.figure import Figure
from simregistry.teach.predictions.prediction import Truth

MB = 10**6
# How often less is stored, by the words of the options.
TIMES_LESS = {"1.6 times less": 1.6, "2.5 times less": 2.5, "4 times less": 4.0}


def median_kind(median: Figure) -> str:
    """Say whether a figure was put in."""
    return "an input" if median.kind == "input" else "a result"


def image_size(image: Figure) -> Truth:
    """Compare the median image of the made hub with the published one."""
    facts = {"published": image.published / MB, "computed": image.computed / MB}
    times = image.computed / image.published
    if 0.5 <= times <= 2:
        return Truth("about right", facts)
    return Truth("several times too large" if times > 1 else "several times too small", facts)


def within(everything: Published) -> Truth:
    """Count the results that are close to what was published."""
    return Truth(len(everything.close), {"off": len(everything.off)})


def farthest(everything: Published) -> Truth:
    """Find the row of the difference that is largest."""
    deviations = [figure.deviation for figure in everything.off]
    row = deviations.index(max(deviations))
    return Truth(row + 1, {"id": everything.off[row].id, "percent": 100 * deviations[row]})


def used_once(report: PopulationSharing) -> int:
    """Compute the percent of distinct layers that one image uses."""
    return round(100 * report.used_once)


def never_rebuilt(never: PopulationSharing) -> Truth:
    """Find the option that is nearest to how often less is stored."""
    right = min(TIMES_LESS, key=lambda option: abs(TIMES_LESS[option] - never.ratio))
    return Truth(right, {"never": never.ratio})
