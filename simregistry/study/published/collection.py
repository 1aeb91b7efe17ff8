"""Figures of rules and of collectors: a pull limit, tried on a registry, and races, tried in every schedule."""

from __future__ import annotations

from simregistry.registry.products.product import product
from simregistry.study.products.scenarios import SCENARIOS
from simregistry.study.published.figure import Figure
from simregistry.study.races.races import race

CLOUDFLARE = "cloudflare/serverless-registry, docs/garbage-collection.md"
LOST = "1 where some schedule loses an image"
EVERY = "the race's steps; every schedule is tried"


def losing_schedules(name: str) -> float:
    """Count the schedules of a race that lose data."""
    return float(race(name).run().losing)


def loses_data(name: str) -> float:
    """Return 1 if some schedule of a race loses data, and 0 if none does."""
    return float(losing_schedules(name) > 0)


def pulls_allowed() -> float:
    """Count the pulls of one anonymous address that a registry like Docker Hub allows before it refuses one."""
    outcome = SCENARIOS["rate-limit"].run(product("docker-hub"))
    return float(outcome.facts["first_refused"] or 0) - 1


FIGURES = (
    Figure(
        "cloudflare-marks", "schedules of an insertion within 60 s and a collector that lose", 0, "schedules", "C",
        "result", CLOUDFLARE, EVERY, lambda: losing_schedules("Cloudflare's marks"),
    ),
    Figure(
        "distribution-3178", "--delete-untagged of 2.8 takes images that a tagged index names", 1, LOST, "C", "result",
        "distribution/distribution issues 3178, 3004", EVERY, lambda: loses_data("untagged children of an index, 2.8"),
    ),
    Figure(
        "distribution-3254", "delete, collect, push again: the pull fails", 1, LOST, "C", "result",
        "distribution/distribution issue 3254", EVERY, lambda: loses_data("delete, collect, push again"),
    ),
    Figure(
        "hub-limit", "pulls in six hours of one anonymous address before one is refused", 100, "pulls", "C", "input",
        "docs.docker.com, Docker Hub usage, pulls", "put in: the product's description", pulls_allowed,
    ),
)  # fmt: skip
