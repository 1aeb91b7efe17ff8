"""A chooser: what somebody needs, and which products fit, each verdict with the claim that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simregistry.registry.products.product import Claim, Product, products
from simregistry.table import Table

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that may be needed: the field that decides it, and which of its values will do."""

    name: str
    question: str
    field: str
    fits: Test


NEEDS = (
    Need("public_pull", "may anybody pull without an account?", "anonymous_pull", lambda value: value != "never"),
    Need("self_hosted", "must it run on your own machines?", "runs", lambda value: value in ("self-hosted", "either")),
    Need("hosted", "shall somebody else run it?", "runs", lambda value: value in ("provider", "either")),
    Need("fixed_tags", "must a tag be protected from being moved?", "immutability", lambda value: bool(value)),
    Need("rules", "shall rules clean up by themselves?", "retention_syntax", lambda value: value != "none"),
    Need("no_stop", "must pushes go on while bytes are collected?", "needs_read_only", lambda value: not value),
    Need("undo", "must a deletion be undone?", "undo", lambda value: value != "none"),
    Need("no_pull_limit", "do many machines pull behind one address?", "pull_limit", lambda value: value == "none"),
    Need("shared_layers", "shall repositories share their layers' bytes?", "dedup_scope", lambda v: v != "repository"),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a product is to a wish: it fits, it does not, or nobody says."""

    product: Product
    against: tuple[Claim, ...]
    unknown: tuple[Claim, ...]

    @property
    def word(self) -> str:
        """Say it in a word or two."""
        return "does not fit" if self.against else "perhaps" if self.unknown else "fits"

    @property
    def why(self) -> str:
        """Say what speaks against it, or is not known."""
        told = [f"{claim.field.replace('_', ' ')}: {claim.shown}" for claim in self.against]
        return "; ".join(told + [f"{claim.field.replace('_', ' ')} is not known" for claim in self.unknown])


@dataclass(frozen=True, slots=True, repr=False)
class ProductChoice:
    """The products in the order of how well they fit."""

    needs: tuple[Need, ...]
    verdicts: tuple[Fit, ...]

    @property
    def fitting(self) -> tuple[str, ...]:
        """Name those that fit."""
        return tuple(each.product.name for each in self.verdicts if each.word == "fits")

    def table(self) -> Table:
        """Show a line a product."""
        rows = tuple((each.product.title, each.word, each.why) for each in self.verdicts)
        asked = " · ".join(need.question for need in self.needs) or "nothing is asked for"
        return Table(("product", "verdict", "because"), rows, title=asked)

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def choose(*needs: str) -> ProductChoice:
    """Say which products fit what is needed: names of ``NEEDS``, as "public_pull"; raises KeyError for another.

    >>> "ecr" in choose("public_pull").fitting
    False
    """
    by_name = {need.name: need for need in NEEDS}
    asked = tuple(by_name[name] for name in needs)
    verdicts = [_judge(each, asked) for each in products()]
    order = {"fits": 0, "perhaps": 1, "does not fit": 2}
    return ProductChoice(asked, tuple(sorted(verdicts, key=lambda verdict: order[verdict.word])))


def _judge(product: Product, needs: tuple[Need, ...]) -> Fit:
    claims = [(need, product.claim(need.field)) for need in needs]
    against = tuple(claim for need, claim in claims if claim.known and not need.fits(claim.value))
    return Fit(product, against, tuple(claim for _, claim in claims if not claim.known))
