"""Hold an answer against what is so: what was said, what is so, what differs, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from simregistry.teach.answers import Number
from simregistry.teach.predictions.prediction import Prediction, Truth

# A wrong number within this share of a number that a belief leads to is taken for that belief.
NEAR_A_BELIEF = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one prediction; ``right`` is None where it was skipped."""

    right: bool | None
    score: float
    sentence: str
    details: tuple[str, ...] = ()
    why: str = ""
    # The beliefs that the answer shows, in words.
    beliefs: tuple[str, ...] = field(default=())

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything that is said, a line each."""
        mark = {True: "✓", False: "✗", None: "→"}[self.right]
        return (f"{mark} {self.sentence}", *self.details, *([self.why] if self.why else []))


def outcome_of(prediction: Prediction, truth: Truth, answer: object | None) -> Outcome:
    """Judge an answer that was read (None: it was skipped)."""
    why = _filled(prediction.why, truth)
    so = answer_sentence(prediction, truth)
    if answer is None:
        return Outcome(None, 0.0, f"You skipped this one. {so}", why=why)
    judge = {"number": _number, "set": _set, "order": _order}.get(prediction.kind, _one)
    return judge(prediction, truth, answer, so, why)


def answer_sentence(prediction: Prediction, truth: Truth) -> str:
    """Say what is so: "The answer is 12,217 bytes.", and what is said in words in quotation marks."""
    so = shown_answer(prediction, truth.right)
    return f"The answer is “{so}”." if prediction.kind in ("choice", "words") else f"The answer is {so}."


def shown_answer(prediction: Prediction, answer: object) -> str:
    """Write an answer as a person would: "12,217 bytes", "code, config", "a → b"."""
    if prediction.kind == "number":
        return Number(0, prediction.unit).shown(Decimal(str(answer)))
    if prediction.kind == "set":
        named = [option for option in prediction.options if option in _names(answer)]
        return " and ".join(part for part in (", ".join(named[:-1]), *named[-1:]) if part) or "none of them"
    if prediction.kind == "order":
        return " → ".join(map(str, answer if isinstance(answer, Sequence) else [answer]))
    return f"row {answer}" if prediction.kind == "place" else str(answer)


def _number(prediction: Prediction, truth: Truth, answer: object, so: str, why: str) -> Outcome:
    number, right = Decimal(str(answer)), Decimal(str(truth.right))
    said = shown_answer(prediction, number)
    if number == right:
        return Outcome(True, 1.0, f"You said {said}, and that is right.", why=why)
    if abs(number - right) <= Decimal(str(prediction.tolerance)) * abs(right):
        return Outcome(True, 1.0, f"You said {said}. {so} That is near enough.", why=why)
    score = float(max(Decimal(0), 1 - abs(number - right) / max(abs(number), abs(right), Decimal(1))))
    says, belief = _explained(prediction, truth, number, right)
    return Outcome(False, score, f"You said {said}. {so}", (says,), why, belief)


def _explained(prediction: Prediction, truth: Truth, number: Decimal, right: Decimal) -> tuple[str, tuple[str, ...]]:
    """Find what to say to a wrong number: that of a belief which leads to it, else that of its side."""
    for wrong in prediction.wrong_numbers:
        led_to = Decimal(str(truth.facts[wrong.fact]))
        if led_to != right and abs(number - led_to) <= NEAR_A_BELIEF * abs(led_to):
            return _filled(wrong.says, truth), (wrong.belief,)
    return _filled(prediction.too_many if number > right else prediction.too_few, truth), ()


def _one(prediction: Prediction, truth: Truth, answer: object, so: str, why: str) -> Outcome:
    said = shown_answer(prediction, answer)
    accepted = {str(truth.right).casefold(), *(spelling.casefold() for spelling in prediction.accept)}
    if answer == truth.right or (prediction.kind == "words" and str(answer).casefold() in accepted):
        return Outcome(True, 1.0, f"You said {said}, and that is right.", why=why)
    details, beliefs = _about(prediction, truth, str(answer))
    return Outcome(False, 0.0, f"You said {said}. {so}", details, why, beliefs)


def _about(prediction: Prediction, truth: Truth, option: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the reason and the belief that belong to an option, where there are any."""
    reason, belief = prediction.reasons.get(option), prediction.beliefs.get(option)
    return (_filled(reason, truth),) if reason else (), (belief,) if belief else ()


def _set(prediction: Prediction, truth: Truth, answer: object, so: str, why: str) -> Outcome:
    named, right = _names(answer), _names(truth.right)
    wrong = [option for option in prediction.options if (option in named) != (option in right)]
    if not wrong:
        return Outcome(True, 1.0, f"You named {shown_answer(prediction, answer)}, and that is right.", why=why)
    details = tuple(
        f"{option}: you {'named it, but it does not belong here' if option in named else 'left it out'}. "
        f"{_filled(prediction.reasons[option], truth)}"
        for option in wrong
    )
    beliefs = tuple(prediction.beliefs[option] for option in wrong if option in prediction.beliefs)
    fine = len(prediction.options) - len(wrong)
    sentence = f"{fine} of {len(prediction.options)} are as you said. {so}"
    return Outcome(False, fine / len(prediction.options), sentence, details, why, beliefs)


def _order(prediction: Prediction, truth: Truth, answer: object, so: str, why: str) -> Outcome:
    given, right = list(map(str, _sequence(answer))), list(map(str, _sequence(truth.right)))
    if given == right:
        return Outcome(True, 1.0, f"You said {' → '.join(given)}, and that is right.", why=why)
    pairs = list(zip(given, right, strict=False))
    place = next(at for at, (mine, real) in enumerate(pairs) if mine != real)
    first = f"The first difference is at place {place + 1}: you said “{given[place]}”, it is “{right[place]}”."
    details, beliefs = _about(prediction, truth, given[place])
    fine = sum(mine == real for mine, real in pairs)
    sentence = f"{fine} of {len(right)} are where you said. {so}"
    return Outcome(False, fine / len(right), sentence, (first, *details), why, beliefs)


def _names(answer: object) -> set[str]:
    return {str(name) for name in answer} if isinstance(answer, set | frozenset | list | tuple) else {str(answer)}


def _sequence(answer: object) -> Sequence[object]:
    return answer if isinstance(answer, list | tuple) else [answer]


def _filled(text: str, truth: Truth) -> str:
    """Put the facts of the truth into a text: ``{whole:,}`` is a number with thousands separators."""
    facts: Mapping[str, object] = {"right": truth.right, **truth.facts}
    return text.format_map(dict(facts)) if "{" in text else text
