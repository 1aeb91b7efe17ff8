"""Predictions: the learner commits to an answer, and the reveal says what differs.

An answer left open is ``...``: the reveal then tells the result and goes on, so a notebook never stops for it. Nothing
a learner types raises an error; what cannot be read is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from math import isfinite

from simregistry.table import count
from simregistry.teach.reveals import Reveal

__all__ = ["Reveal", "choice", "items", "number", "order"]


def number(guess: object, actual: int, unit: str = "bytes", tolerance: float = 0.0, why: str = "") -> Reveal:
    """Score a number; ``tolerance`` is a fraction of the right one.

    >>> print(number(2000, 1058))
    ✗ You said 2,000 bytes; it is 1,058: 942 too many.
    """
    truth = f"{count(actual)} {unit}".rstrip()
    if _open(guess):
        return Reveal(f"No prediction yet. It is {truth}.{_because(why)}", None)
    said = _as_number(guess)
    if said is None:
        return Reveal(f"A number is wanted, such as 1000; {_shown(guess)} is none. It is {truth}.{_because(why)}", None)
    off = abs(said - actual)
    shown = count(round(said)) if said == round(said) else f"{said:,}"
    if off == 0:
        return Reveal(f"Right: {truth}.{_because(why)}", True, 1.0)
    if off <= tolerance * abs(actual):
        return Reveal(f"Near enough: you said {shown}, it is {truth}.{_because(why)}", True, 1.0)
    way = "too many" if said > actual else "too few"
    score = max(0.0, 1 - off / max(abs(actual), abs(said), 1))
    gap = count(round(off)) if off == round(off) else f"{off:,}"
    return Reveal(
        f"You said {f'{shown} {unit}'.rstrip()}; it is {count(actual)}: {gap} {way}.{_because(why)}", False, score
    )


def choice(
    guess: object, right: str, options: Sequence[str], because: Mapping[str, str] | None = None, why: str = ""
) -> Reveal:
    """Score one of several options; ``because`` tells for each wrong one why it is not so.

    >>> print(choice("b", "a", ["a", "b"], {"b": "b is the other one"}))
    ✗ You said b; it is a. B is the other one.
    """
    if _open(guess):
        return Reveal(f"No prediction yet. It is {right}.{_because(why)}", None)
    said = next((option for option in options if _same(guess, option)), None)
    if said is None:
        listed = ", ".join(options)
        return Reveal(f"Choose one of {listed}; {_shown(guess)} is none of them. It is {right}.{_because(why)}", None)
    if said == right:
        return Reveal(f"Right: {right}.{_because(why)}", True, 1.0)
    reason = (because or {}).get(said, "")
    return Reveal(f"You said {said}; it is {right}.{_because(reason)}{_because(why)}", False)


def items(guess: object, actual: Collection[str], of: Collection[str], why: str = "") -> Reveal:
    """Score a set, item by item: rightly named, missed, wrongly named.

    >>> print(items({"base"}, {"top"}, of=["base", "top"]))
    ✗ 0 of 2 are as you said. It is: top.
        base: you named it, but it is not one of them
        top: missed
    """
    listed = ", ".join(thing for thing in of if thing in actual) or "none of them"
    if _open(guess):
        return Reveal(f"No prediction yet. It is: {listed}.{_because(why)}", None)
    named = {guess} if isinstance(guess, str) else guess
    if not isinstance(named, Collection) or isinstance(named, bytes):
        return Reveal(f"A set of names is wanted; {_shown(guess)} is none. It is: {listed}.{_because(why)}", None)
    said = [str(name) for name in list(named)[:1000]]
    unknown = sorted({name for name in said if name not in of})
    details = [
        f"{thing}: {_verdict(thing in said, thing in actual)}" for thing in of if (thing in said) != (thing in actual)
    ]
    details += [f"{name[:60]}: there is no such name here" for name in unknown[:10]]
    fine = sum((thing in said) == (thing in actual) for thing in of)
    if fine == len(of) and not unknown:
        return Reveal(f"Right: {listed}.{_because(why)}", True, 1.0)
    score = max(0.0, (fine - len(unknown)) / max(1, len(of)))
    return Reveal(f"{fine} of {len(of)} are as you said. It is: {listed}.{_because(why)}", False, score, tuple(details))


def order(guess: object, actual: Sequence[str], why: str = "") -> Reveal:
    """Score an order, place by place.

    >>> order(["a", "b"], ["a", "b"]).right
    True
    """
    truth = " → ".join(actual)
    if _open(guess):
        return Reveal(f"No prediction yet. It is {truth}.{_because(why)}", None)
    if isinstance(guess, str | bytes) or not isinstance(guess, Sequence):
        return Reveal(f"A list is wanted; {_shown(guess)} is none. It is {truth}.{_because(why)}", None)
    said = [str(thing) for thing in guess[:1000]]
    if said == list(actual):
        return Reveal(f"Right: {truth}.{_because(why)}", True, 1.0)
    fine = sum(a == b for a, b in zip(said, actual, strict=False))
    details = tuple(
        f"place {i}: you said {a}, it is {b}" for i, (a, b) in enumerate(zip(said, actual, strict=False), 1) if a != b
    )
    if len(said) != len(actual):
        details += (f"you named {len(said)}, there are {len(actual)}",)
    return Reveal(
        f"{fine} of {len(actual)} stand where you said. It is {truth}.{_because(why)}",
        False,
        fine / len(actual),
        details,
    )


def _open(guess: object) -> bool:
    return guess is ... or guess is None or guess == "" or guess == "..."


def _because(why: str) -> str:
    return f" {why[0].upper()}{why[1:].rstrip('.')}." if why else ""


def _verdict(named: bool, so: bool) -> str:
    return "you named it, but it is not one of them" if named and not so else "missed"


def _shown(guess: object) -> str:
    text = repr(guess)
    return text if len(text) <= 60 else text[:57] + "..."


def _same(guess: object, option: str) -> bool:
    return isinstance(guess, str) and guess.strip().lower() == option.lower()


def _as_number(guess: object) -> float | int | None:
    """Read a number as people write it: 1058, "1,058 bytes", "1.5"."""
    if isinstance(guess, bool):
        return None
    if isinstance(guess, int | float):
        return guess if isfinite(guess) else None
    if not isinstance(guess, str):
        return None
    match = re.fullmatch(r"\s*(-?[\d,_ ]{1,30}(?:\.\d{1,10})?)\s*[a-zA-Z]*\s*", guess)
    if not match:
        return None
    try:
        value = float(re.sub(r"[,_ ]", "", match[1]))
    except ValueError:
        return None
    return int(value) if value == int(value) else value
