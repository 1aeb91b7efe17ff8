"""Predictions: the learner commits to an answer, and the reveal says what differs.

A prediction left open is ``...``: the reveal then tells the result and goes on, so a notebook never stops for it.
Nothing a learner types raises an error. Where a prediction cannot be read, the result stays hidden for another try.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from simregistry.teach.answers import OneOf, Order, SomeOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.unread import Unread, is_open, quoted
from simregistry.teach.written_number import read_number, write_number

__all__ = ["Reveal", "choice", "items", "number", "order"]


def number(guess: object, actual: float, unit: str = "bytes", tolerance: float = 0.0, why: str = "") -> Reveal:
    """Score a number; ``tolerance`` is a fraction of the right one.

    >>> print(number("2 kB", 1058))
    ✗ You said 2,000 bytes; it is 1,058: 942 too many.
    """
    right, truth = Decimal(str(actual)), f"{actual:,} {unit}".rstrip()
    if is_open(guess):
        return _open(f"It is {truth}.", why)
    value = read_number(guess, unit)
    if isinstance(value, Unread):
        return _unread(value, f"A number is wanted, such as 1000; {quoted(guess)} is none.")
    off, shown = abs(value - right), write_number(value)
    if off == 0:
        return _right(truth, why)
    if off <= Decimal(str(tolerance)) * abs(right):
        return Reveal(f"Near enough: you said {shown}, it is {truth}.{_because(why)}", True, 1.0)
    way = "too many" if value > right else "too few"
    score = float(max(Decimal(0), 1 - off / max(abs(right), abs(value), Decimal(1))))
    guessed = f"{shown} {unit}".rstrip()
    sentence = f"You said {guessed}; it is {actual:,}: {write_number(off)} {way}.{_because(why)}"
    return Reveal(sentence, False, score)


def choice(
    guess: object, right: str, options: Sequence[str], because: Mapping[str, str] | None = None, why: str = ""
) -> Reveal:
    """Score one of several options; ``because`` has the reason against a wrong one.

    >>> print(choice("b", "a", ["a", "b"], {"b": "b is the other one"}))
    ✗ You said b; it is a. B is the other one.
    """
    if is_open(guess):
        return _open(f"It is {right}.", why)
    option = OneOf(right, tuple(options)).read(guess)
    if isinstance(option, Unread):
        return _unread(option, f"Choose one of {', '.join(options)}; {quoted(guess)} isn't one of them.")
    if option == right:
        return _right(right, why)
    reason = (because or {}).get(option, "")
    return Reveal(f"You said {option}; it is {right}.{_because(reason)}{_because(why)}", False)


def items(guess: object, actual: Collection[str], of: Collection[str], why: str = "") -> Reveal:
    """Score a set, item by item: rightly named, missed, wrongly named.

    >>> print(items({"base"}, {"top"}, of=["base", "top"]))
    ✗ 0 of 2 are as you said. It is: top.
        base: you named it, but it is not one of them
        top: missed
    """
    kind = SomeOf(frozenset(actual), tuple(of))
    listed = ", ".join(thing for thing in of if thing in actual) or "none of them"
    if is_open(guess):
        return _open(f"It is: {listed}.", why)
    named = kind.read(guess)
    if isinstance(named, Unread):
        return named.reveal(guess, kind.wanted)
    details = tuple(f"{thing}: {_verdict(thing in named)}" for thing in of if (thing in named) != (thing in actual))
    if not details:
        return _right(listed, why)
    fine = len(of) - len(details)
    sentence = f"{fine} of {len(of)} are as you said. It is: {listed}.{_because(why)}"
    return Reveal(sentence, False, fine / len(of), details)


def order(guess: object, actual: Sequence[str], why: str = "") -> Reveal:
    """Score an order, place by place.

    >>> order("a, then b", ["a", "b"]).right
    True
    """
    kind, truth = Order(tuple(actual)), " → ".join(actual)
    if is_open(guess):
        return _open(f"It is {truth}.", why)
    named = kind.read(guess)
    if isinstance(named, Unread):
        return named.reveal(guess, kind.wanted)
    if named == kind.right:
        return _right(truth, why)
    pairs = list(enumerate(zip(named, actual, strict=False), 1))
    details = [f"place {place}: you said {mine}, it is {right}" for place, (mine, right) in pairs if mine != right]
    fine = len(pairs) - len(details)
    if len(named) != len(actual):
        details.append(f"you named {len(named)}, there are {len(actual)}")
    sentence = f"{fine} of {len(actual)} stand where you said. It is {truth}.{_because(why)}"
    return Reveal(sentence, False, fine / len(actual), tuple(details))


def _open(truth: str, why: str) -> Reveal:
    return Reveal(f"No prediction yet. {truth}{_because(why)}", None)


def _right(truth: str, why: str) -> Reveal:
    return Reveal(f"Right: {truth}.{_because(why)}", True, 1.0)


def _unread(unread: Unread, sentence: str) -> Reveal:
    return Reveal(unread.after(sentence).sentence, None)


def _because(why: str) -> str:
    return f" {why[0].upper()}{why[1:].rstrip('.')}." if why else ""


def _verdict(named: bool) -> str:
    return "you named it, but it is not one of them" if named else "missed"
