"""A chooser: from what somebody needs to the products that fit, each verdict with the facts that decide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simregistry.registry.products.product import Claim, Product, products
from simregistry.table import Table, TableReport

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a team may need: the field of a product that decides it, and the test of that field's value."""

    name: str
    question: str
    field: str
    fits: Test


# What a team may ask of a registry; each need is decided by one field of a product.
NEEDS = (
    Need("public_pull", "may anybody pull without an account?", "anonymous_pull", lambda value: value != "never"),
    Need("self_hosted", "must it run on your own machines?", "runs", lambda value: value in ("self-hosted", "either")),
    Need("hosted", "shall somebody else run it?", "runs", lambda value: value in ("provider", "either")),
    Need("fixed_tags", "must a tag be protected from being moved?", "immutability", lambda value: bool(value)),
    Need("rules", "shall rules clean up by themselves?", "retention_syntax", lambda value: value != "none"),
    Need("no_stop", "must pushes go on while the disk is cleaned up?", "needs_read_only", lambda value: not value),
    Need("undo", "must a deletion be reversible?", "undo", lambda value: value != "none"),
    Need(
        "no_pull_limit",
        "must many machines behind one address pull without a limit?",
        "pull_limit",
        lambda value: value == "none",
    ),
    Need("shared_layers", "shall repositories share their layers' bytes?", "dedup_scope", lambda v: v != "repository"),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The verdict on one product: it fits, it does not fit, or nobody says."""

    product: Product
    against: tuple[Claim, ...]
    unknown: tuple[Claim, ...]

    @property
    def word(self) -> str:
        """Say the verdict in a word or two."""
        return "does not fit" if self.against else "perhaps" if self.unknown else "fits"

    @property
    def why(self) -> str:
        """Say which facts speak against the product, and which are not known."""
        reasons = [f"{claim.field.replace('_', ' ')}: {claim.shown}" for claim in self.against]
        return "; ".join(reasons + [f"{claim.field.replace('_', ' ')} is not known" for claim in self.unknown])


@dataclass(frozen=True, slots=True, repr=False)
class ProductChoice(TableReport):
    """The products, those that fit first and those that do not fit last."""

    needs: tuple[Need, ...]
    verdicts: tuple[Fit, ...]

    @property
    def fitting(self) -> tuple[str, ...]:
        """Name the products that fit."""
        return tuple(verdict.product.name for verdict in self.verdicts if verdict.word == "fits")

    def table(self) -> Table:
        """Show the verdicts, one product a line."""
        rows = tuple((verdict.product.title, verdict.word, verdict.why) for verdict in self.verdicts)
        asked = " · ".join(need.question for need in self.needs) or "nothing is asked for"
        return Table(("product", "verdict", "because"), rows, title=asked)


def choose(*needs: str) -> ProductChoice:
    """Judge every product by some needs, given by their names in ``NEEDS``; raise KeyError for an unknown name.

    >>> "ecr" in choose("public_pull").fitting
    False
    """
    by_name = {need.name: need for need in NEEDS}
    asked = tuple(by_name[name] for name in needs)
    verdicts = [_judge(product, asked) for product in products()]
    order = {"fits": 0, "perhaps": 1, "does not fit": 2}
    return ProductChoice(asked, tuple(sorted(verdicts, key=lambda verdict: order[verdict.word])))


def _judge(product: Product, needs: tuple[Need, ...]) -> Fit:
    claims = [(need, product.claim(need.field)) for need in needs]
    against = tuple(claim for need, claim in claims if claim.known and not need.fits(claim.value))
    return Fit(product, against, tuple(claim for _, claim in claims if not claim.known))
