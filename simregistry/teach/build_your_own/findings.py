"""What a check found, scenario by scenario: given, expected, what came, and the rule where the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Finding:
    """One scenario's outcome, in words; ``advice`` is empty where it is as expected."""

    title: str
    given: str
    expected: str
    came: str
    advice: str = ""

    @property
    def right(self) -> bool:
        """Whether what came is what was expected."""
        return not self.advice

    def lines(self) -> list[str]:
        """Say it: in a line where it is right, in five where it is not."""
        if self.right:
            return [f"✓ {self.title}"]
        told = (("given", self.given), ("expected", self.expected), ("came", self.came), ("so", self.advice))
        return [f"✗ {self.title}", *(f"    {name:<10}{text}" for name, text in told)]


@dataclass(frozen=True, slots=True)
class Report:
    """The findings on one part; ``right`` is None where there was nothing that could be run."""

    sentence: str
    right: bool | None
    findings: tuple[Finding, ...] = ()

    @property
    def score(self) -> float:
        """The part of the scenarios that are as expected, 0 to 1."""
        return sum(each.right for each in self.findings) / len(self.findings) if self.findings else 0.0

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "…"}[self.right]
        # What is wrong is read first.
        ordered = sorted(self.findings, key=lambda finding: finding.right)
        return "\n".join([f"{mark} {self.sentence}", *(f"  {line}" for each in ordered for line in each.lines())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = {True: "#009E73", False: "#D55E00", None: "#8A8A8A"}[self.right]
        style = f"border-left:4px solid {colour};padding-left:0.7em;white-space:pre-wrap"
        return f"<pre style='{style}'>{escape(str(self))}</pre>"
