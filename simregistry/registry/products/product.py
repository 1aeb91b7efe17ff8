"""A product: one registry product, described field by field, each with its source and how sure it is.

1. A field without a value is unknown: nothing is made up, and the specification's default is done.
2. The descriptions are the TOML files beside this one; the same fields stand in each, in the same order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from simregistry.errors import InvalidValue
from simregistry.table import Table, TableReport, human

Status = Literal["documented", "inferred", "unconfirmed"]
NAMES = ("docker-hub", "distribution-2.8", "distribution-3", "ecr", "artifact-registry", "acr", "artifactory", "nexus")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of one field: the value a mechanism goes by, a sentence, how sure it is, and where it says so."""

    field: str
    value: Any
    says: str
    status: Status
    source: str

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    @property
    def shown(self) -> str:
        """The value for reading."""
        if self.value is None:
            return "unknown"
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if self.field.endswith("_bytes") and isinstance(self.value, int):
            return human(self.value)
        if isinstance(self.value, list):
            return ", ".join(self.value) or "none"
        if isinstance(self.value, dict):
            return ", ".join(f"{key} {value}" for key, value in self.value.items())
        return str(self.value)


@dataclass(frozen=True, slots=True, repr=False)
class Product(TableReport):
    """One product's description."""

    name: str
    title: str
    claims: dict[str, Claim]

    def claim(self, field: str) -> Claim:
        """Find what is claimed of a field; raises InvalidValue for one that there is not."""
        if field not in self.claims:
            raise InvalidValue("field", field, f"isn't one of {', '.join(self.claims)}")
        return self.claims[field]

    def value(self, field: str) -> Any:
        """Find a field's value; None where it is unknown."""
        return self.claim(field).value

    def sources(self, *fields: str) -> tuple[str, ...]:
        """List the sources of some fields, each once."""
        return tuple(dict.fromkeys(self.claim(field).source for field in fields))

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims.values())

    def table(self) -> Table:
        """Show every field with its value, how sure it is, and its source."""
        rows = tuple((claim.field, claim.shown, claim.status, claim.source) for claim in self)
        return Table(("field", "value", "status", "source"), rows, title=self.title)

    def to_json(self) -> dict[str, Any]:
        """Write it for a program to read."""
        fields = {c.field: {"value": c.value, "says": c.says, "status": c.status, "source": c.source} for c in self}
        return {"title": self.title, "fields": fields}


def folder_of(name: str) -> str:
    """Name the folder that holds what is known of a product.

    >>> folder_of("distribution-2.8")
    'distribution_2_8'
    """
    return name.replace("-", "_").replace(".", "_")


@cache
def product(name: str) -> Product:
    """Find a product by its name, or raise InvalidValue saying which there are.

    >>> product("docker-hub").value("pull_limit")["anonymous"]
    100
    """
    if name not in NAMES:
        raise InvalidValue("product", name, f"isn't one of {', '.join(NAMES)}")
    text = files("simregistry.registry.products").joinpath(folder_of(name), "product.toml").read_text(encoding="utf-8")
    description = tomllib.loads(text)
    title = description.pop("title")
    return Product(name, title, {field: _claim(name, field, entry) for field, entry in description.items()})


def _claim(name: str, field: str, entry: dict[str, Any]) -> Claim:
    if entry["status"] not in get_args(Status):
        raise InvalidValue(f"{name}.{field}", entry["status"], f"a status is one of {', '.join(get_args(Status))}")
    return Claim(field, entry.get("value"), entry["says"], entry["status"], entry["source"])


def products() -> tuple[Product, ...]:
    """Read all of them."""
    return tuple(product(name) for name in NAMES)
