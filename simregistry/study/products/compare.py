"""Run one scenario against several products, and show where they differ and how sure each answer is.

An answer is as sure as the weakest claim that it rests on. Where the deciding fact has no value, nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.registry.products.product import NAMES, Product, Status, product
from simregistry.study.products.product_scene import ScenarioOutcome
from simregistry.study.products.scenarios import SCENARIOS, ProductScenario
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(TableReport):
    """A scenario's outcomes, one a product."""

    scenario: ProductScenario
    outcomes: tuple[ScenarioOutcome, ...]

    def outcome(self, name: str) -> ScenarioOutcome:
        """Find a product's outcome by the product's name."""
        return next(outcome for outcome in self.outcomes if outcome.product.name == name)

    @property
    def sentence(self) -> str:
        """Say how many different answers the products give, and for how many the answer is not known."""
        deciding = [self.deciding(outcome) for outcome in self.outcomes]
        known = [str(facts) for facts in deciding if facts[0] is not None]
        ways, unknown = len(set(known)), len(self.outcomes) - len(known)
        answers = f"{len(known)} products give {ways} answer{'s' if ways != 1 else ''}"
        rest = f"; of {unknown} it is not known" if unknown else ""
        return f"{self.scenario.question} {answers}{rest}."

    def deciding(self, outcome: ScenarioOutcome) -> list[Any]:
        """Return the facts that tell answers apart; the first is None where the answer is not known."""
        return [outcome.facts[key] for key in DECIDING[self.scenario.name]]

    def how_sure(self, outcome: ScenarioOutcome) -> str:
        """Say how sure an answer is, in one of the words of ``HOW_SURE``.

        >>> deleting = compare_products("delete-one-tag", ["ecr", "nexus"])
        >>> [deleting.how_sure(outcome) for outcome in deleting.outcomes]
        ['documented', 'inferred']
        """
        if self.deciding(outcome)[0] is None:
            return NOT_SAID
        words = [WORD_OF_STATUS[status] for status in _statuses(self.scenario.name, outcome.product)]
        return max(words, key=list(HOW_SURE).index)

    def table(self) -> Table:
        """Show what happens and how sure that is, one product a line."""
        rows = tuple((outcome.product.title, outcome.summary, self.how_sure(outcome)) for outcome in self.outcomes)
        return Table(("product", "what happens", "how sure"), rows, title=self.scenario.question)

    def legend(self) -> Table:
        """Show what each word for sureness means, and how many of the answers it is said of."""
        words = [self.how_sure(outcome) for outcome in self.outcomes]
        rows = tuple((word, means, words.count(word)) for word, means in HOW_SURE.items())
        return Table(("how sure", "what it means", "answers"), rows)

    def facts(self) -> Table:
        """Show the figures, one product a line, with "unknown" where nobody says."""
        keys = tuple(key for key in self.outcomes[0].facts if key not in LONG) if self.outcomes else ()
        rows = tuple((outcome.product.name, *(_shown(key, outcome.facts) for key in keys)) for outcome in self.outcomes)
        heads = (HEADINGS.get(key, key.replace("_", " ")) for key in keys)
        return Table(("product", *heads), rows, title=self.scenario.question)

    def sources(self) -> Table:
        """Show where each product's behaviour is described."""
        rows = tuple((outcome.product.name, source) for outcome in self.outcomes for source in outcome.sources)
        return Table(("product", "source"), rows)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values, for a program to read."""
        products = {
            outcome.product.name: outcome.to_json() | {"how_sure": self.how_sure(outcome)} for outcome in self.outcomes
        }
        return {"scenario": self.scenario.name, "question": self.scenario.question, "products": products}


# Facts that are too long for a line of a table.
LONG = ("policy", "cannot_say", "survives_600_s_with_grace", "first_refused_through_a_cache")
# What some facts are called in a table.
HEADINGS = {
    "dedup_scope": "stored once in each",
    "other_tag_pullable": "other tag works",
    "image_left_without_tags": "image stays without its only tag",
}
# The facts that tell a scenario's answers apart; the first of them is None where the answer is not known.
DECIDING = {
    "overwrite-tag": ("manifests",),
    "shared-base": ("stored_bytes",),
    "delete-one-tag": ("refused", "other_tag_pullable"),
    "delete-untagged-index": ("refused", "index_pullable"),
    "race": ("grace_seconds",),
    "rate-limit": ("anonymous_pull", "limited", "first_refused"),
    "retention": ("syntax", "kept_tags", "deleted_untagged"),
}
# How sure an answer is, the surest first, and what each word means.
NOT_SAID = "not said"
HOW_SURE: Mapping[str, str] = {
    "documented": "the product's documentation or source code says so",
    "inferred": "it follows from what is documented, or somebody observed it",
    NOT_SAID: "none of the sources that we read gives an answer",
}
WORD_OF_STATUS: Mapping[Status, str] = {"documented": "documented", "inferred": "inferred", "unconfirmed": NOT_SAID}
# The claims that a scenario's answer rests on. The pull limit has a function of its own below.
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "overwrite-tag": ("tag_overwrite", "untagged"),
    "shared-base": ("dedup_scope",),
    "delete-one-tag": ("delete_tag", "delete_manifest"),
    "delete-untagged-index": ("delete_untagged_with_index",),
    "race": ("grace_seconds",),
    "retention": ("retention_syntax",),
}


def compare_products(scenario: str, products: Iterable[str] | None = None) -> Comparison:
    """Run a scenario, by its name in ``SCENARIOS``, against products; raise InvalidValue for an unknown name.

    >>> compare_products("delete-one-tag", ["acr"]).outcome("acr").facts["other_tag_pullable"]
    False
    """
    if scenario not in SCENARIOS:
        raise InvalidValue("scenario", scenario, f"isn't one of {', '.join(SCENARIOS)}")
    chosen = [product(name) for name in (products if products is not None else NAMES)]
    played = SCENARIOS[scenario]
    return Comparison(played, tuple(map(played.run, chosen)))


def _statuses(scenario: str, product: Product) -> tuple[Status, ...]:
    """List the statuses of the claims that an answer rests on."""
    if scenario != "rate-limit":
        return tuple(product.claim(field).status for field in RESTS_ON[scenario])
    anonymous, pulls, requests = map(product.claim, ("anonymous_pull", "pull_limit", "request_limit"))
    # Without an account nobody gets as far as a limit.
    if anonymous.value == "never":
        return (anonymous.status,)
    if pulls.known or not requests.known:
        return (pulls.status,)
    # Subtle: only a limit on requests is known. That no limit on pulls comes first follows from nobody naming one.
    return (requests.status, "inferred")


def _shown(key: str, facts: Mapping[str, Any]) -> object:
    fact = facts[key]
    if fact is None:
        # None has two meanings here: the product has no limit or no rules, or nobody says whether it has.
        no_limit, no_rules = facts.get("limited") is False, facts.get("syntax") == "none"
        return "none" if (key == "first_refused" and no_limit) or no_rules else "unknown"
    return ", ".join(map(str, fact)) or "none" if isinstance(fact, list) else fact
