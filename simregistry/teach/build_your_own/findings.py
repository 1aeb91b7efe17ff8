"""The findings of a check, scenario by scenario: given, expected, the result, and the rule where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import ClassVar

from simregistry.teach.reveals import COLOURS, Reveal


@dataclass(frozen=True, slots=True)
class Finding:
    """One scenario's outcome, in words; ``advice`` is empty where it is as expected."""

    title: str
    given: str
    expected: str
    result: str
    advice: str = ""

    @property
    def right(self) -> bool:
        """Whether the result is what was expected."""
        return not self.advice

    def lines(self) -> list[str]:
        """Write it: in a line where it is right, in five where it is not."""
        if self.right:
            return [f"✓ {self.title}"]
        parts = (("given", self.given), ("expected", self.expected), ("came", self.result), ("so", self.advice))
        return [f"✗ {self.title}", *(f"    {name:<10}{text}" for name, text in parts)]


class Report(Reveal):
    """A reveal of many lines, shown as they are written: the findings on one part, or a listing.

    ``right`` is None where there was nothing that could be run.
    """

    __slots__ = ()

    indent: ClassVar[str] = "  "

    @classmethod
    def of(cls, sentence: str, right: bool, findings: Sequence[Finding]) -> Report:
        """Make it of findings; the score is the part of the scenarios that are as expected."""
        score = sum(finding.right for finding in findings) / len(findings) if findings else 0.0
        # What is wrong is read first.
        ordered = sorted(findings, key=lambda finding: finding.right)
        return cls(sentence, right, score, tuple(line for finding in ordered for line in finding.lines()))

    def _repr_html_(self) -> str:
        style = f"border-left:4px solid {COLOURS[self.right]};padding-left:0.7em;white-space:pre-wrap"
        return f"<pre style='{style}'>{escape(str(self))}</pre>"
