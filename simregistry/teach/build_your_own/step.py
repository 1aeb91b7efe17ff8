"""Steps: what to write, a check that plugs it in, hints one at a time, and a solution once something was tried."""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from types import FunctionType
from typing import ClassVar

from simregistry.teach.attempt import HintedAttempt
from simregistry.teach.build_your_own import time_limit
from simregistry.teach.build_your_own.findings import Finding, Report
from simregistry.teach.build_your_own.scenario import PartScenario, Unfit, readable
from simregistry.teach.build_your_own.solution_text import listing
from simregistry.teach.reveals import Reveal


@dataclass(frozen=True, slots=True)
class PartTask:
    """One step's words: what to write, the rule with its place, an example, where it is plugged in, stub and hints."""

    id: str
    number: int
    title: str
    name: str
    takes: str
    task: str
    rule: str
    example: str
    plugged: str
    stub: str
    hints: tuple[str, ...]
    methods: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def signature(self) -> str:
        """How the learner's own is written and called."""
        return f"class {self.name}" if self.methods else f"def {self.name}({self.takes})"


@dataclass(slots=True)
class PartStep(HintedAttempt):
    """A step in a learner's hands."""

    task: PartTask
    scenarios: tuple[PartScenario, ...] = field(repr=False)

    first: ClassVar[str] = "Check a version of your own first, any version: you are told what differs."
    shown_as: ClassVar[type[Reveal]] = Report

    @property
    def stub(self) -> str:
        """The code to start from."""
        return self.task.stub.strip() + "\n"

    def check(self, mine: object = ..., seconds: float = time_limit.SECONDS) -> Report:
        """Plug a part in, run every scenario, and say what was given, expected and returned; raises nothing.

        A scenario that does not end in so many seconds is stopped, and those after it are not begun.
        """
        problem = misfit(self.task, mine)
        if problem:
            return Report(f"{problem} Wanted: {self.task.signature}.", None)
        return self.counted(self.task.id, self._run(mine, seconds))

    def _run(self, mine: object, seconds: float) -> Report:
        findings: list[Finding] = []
        for scenario in self.scenarios:
            finding, ended = run_scenario(scenario, mine, seconds)
            findings.append(finding)
            if not ended:
                break
        right = sum(finding.right for finding in findings)
        if right == len(self.scenarios):
            sentence = f"{self.task.name}: all {right} scenarios are as expected. Plugged in, {self.task.plugged}."
            return Report.of(sentence, True, findings)
        rest = len(self.scenarios) - len(findings)
        waiting = f"; {rest} were not begun" if rest else ""
        sentence = f"{self.task.name}: {right} of {len(self.scenarios)} scenarios are as expected{waiting}."
        return Report.of(sentence, False, findings)

    @property
    def all_hints(self) -> tuple[str, ...]:
        """The task's hints."""
        return self.task.hints

    def solved(self) -> Report:
        """Write the reference solution."""
        return Report(f"One way among others:\n\n{listing(self.task.name)}", None)

    def __str__(self) -> str:
        parts = (
            f"Step {self.task.number} of 12: {self.task.title} ({self.task.id})",
            self.task.task,
            f"The rule: {self.task.rule}",
            f"For example: {self.task.example}",
            f"Plugged in, {self.task.plugged}: {len(self.scenarios)} scenarios.",
        )
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rest = str(self).split("\n\n")
        shown_parts = (re.sub("`([^`]+)`", r"<code>\1</code>", escape(part)) for part in rest)
        parts = "".join(f"<p>{part}</p>" for part in shown_parts)
        return f"<p><b>{escape(head)}</b></p>{parts}"


def run_scenario(scenario: PartScenario, mine: object, seconds: float) -> tuple[Finding, bool]:
    """Run one scenario with a part, and say whether it ended."""
    ran = time_limit.run_with_limit(lambda: scenario.play(mine), seconds)  # type: ignore[arg-type]
    expected = readable(scenario.expected)
    if not ran.ended:
        result, advice = f"nothing within {seconds:g} s; it was stopped", f"Some loop has no end here. {scenario.rule}"
    elif isinstance(ran.error, Unfit):
        result, advice = str(ran.error), scenario.rule
    elif ran.error is not None:
        result, advice = f"an error: {time_limit.error_sentence(ran.error)}", scenario.rule
    else:
        same = type(ran.value) is type(scenario.expected) and ran.value == scenario.expected
        result, advice = readable(ran.value), "" if same else scenario.advice(ran.value)
    return Finding(scenario.title, scenario.given, expected, result, advice), ran.ended


def misfit(task: PartTask, mine: object) -> str:
    """Say why something cannot be plugged in at all, or is not written yet; "" where it can be tried."""
    if mine is ...:
        return f"Nothing to check yet. Give what you wrote: check({task.name})."
    if task.methods and not isinstance(mine, type):
        return f"{readable(mine)} isn't a class. Give the class itself, without brackets after it."
    if not callable(mine):
        return f"{readable(mine)} isn't a function."
    if not task.methods:
        return _misfit_call(task.name, mine, task.takes) or (
            f"{task.name} is not written yet: it gives None whatever comes." if _empty(mine) else ""
        )
    for method, takes in task.methods.items():
        function = getattr(mine, method, None)
        if not callable(function):
            return f"{task.name} has no method {method}."
        if problem := _misfit_call(f"{task.name}.{method}", function, f"self, {takes}".rstrip(", ")):
            return problem
        if _empty(function):
            return f"{task.name}.{method} is not written yet: it gives None whatever comes."
    return _misfit_call(task.name, mine, "")


def _misfit_call(name: str, mine: Callable[..., object], takes: str) -> str:
    arguments = [part for part in takes.split(", ") if part]
    try:
        inspect.signature(mine).bind(*arguments)
    except TypeError as error:
        listed = f"({', '.join(arguments)})"
        return f"{name} is called with {listed}, and does not take that: {error}."
    except ValueError:
        # Something built in, which does not say what it takes: the scenarios will tell.
        return ""
    return ""


def _empty(mine: object) -> bool:
    """Say whether a function does nothing but return None: a stub, whatever its docstring says."""
    if not isinstance(mine, FunctionType):
        return False
    steps = [step for step in dis.get_instructions(mine) if step.opname not in ("RESUME", "NOP", "CACHE")]
    return all(s.opname in ("LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") for s in steps) and all(
        s.argval is None for s in steps if s.opname in ("LOAD_CONST", "RETURN_CONST")
    )
