"""A published figure, and what the package says of the same thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from simregistry.errors import InvalidValue

Kind = Literal["result", "input"]
# How sure a published value is. An unconfirmed value (U) is never printed, so there is no such grade here.
GRADES = {
    "C": "confirmed: read in the source's own text",
    "C3": "confirmed in a third party's own data or script output, not peer reviewed",
    "S": "second-hand: notes that cite the source",
    "D": "derived by arithmetic from values that are C, C3 or S",
}
CLOSE = 0.15


@dataclass(frozen=True)
class Figure:
    """One figure: what was published, how sure that is, and how to compute it here.

    ``kind`` is ``result`` if the value is computed from a model or from data, and ``input`` if it was given to the
    model. ``given`` says what the computation was given; ``why`` explains a difference.
    """

    id: str
    says: str
    published: float
    unit: str
    grade: str
    kind: Kind
    source: str
    given: str
    compute: Callable[[], float]
    why: str = ""

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise InvalidValue(
                "grade", self.grade, f"use one of {', '.join(GRADES)}; what is unconfirmed is not printed"
            )

    @cached_property
    def computed(self) -> float:
        """The value as computed here, once."""
        return float(self.compute())

    @property
    def deviation(self) -> float:
        """How far off the computed value is, as a fraction of the published value, or of 1 if that is 0."""
        return abs(self.computed - self.published) / (abs(self.published) or 1.0)

    @property
    def close(self) -> bool:
        """Whether this is a result within 15% of what was published."""
        return self.kind == "result" and self.deviation <= CLOSE

    def json(self) -> dict[str, object]:
        """Return the figure as ``simregistry published --json`` writes it."""
        keys = ("id", "says", "published", "computed", "deviation", "unit", "grade", "kind", "source", "given", "why")
        return {key: getattr(self, key) for key in keys}


def shown_value(value: float) -> str:
    """Write a value with at most four digits, and a whole number with all of its digits.

    >>> shown_value(6240.0), shown_value(0.6476), shown_value(28230302)
    ('6,240', '0.6476', '28,230,302')
    """
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.4g}"
