"""What the rules decide on, and how their texts are checked: images with their tags, durations, expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.retention import DAY, Decision, Subject

UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
# A text from outside: longer than this is no rule, and an expression could take for ever.
LONGEST, LONGEST_EXPRESSION, MOST_REPEATS = 100_000, 256, 4


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a repository with its tags; ``since`` is when it came (seconds), ``pulled`` when it was fetched."""

    repository: str
    digest: Digest
    tags: tuple[str, ...]
    since: float
    pulled: float | None


def images_of(subjects: Iterable[Subject]) -> tuple[Image, ...]:
    """Gather subjects by the image they name, in order of repository and digest; it came with the first of its tags."""
    groups: dict[tuple[str, Digest], list[Subject]] = {}
    for subject in subjects:
        groups.setdefault((subject.repository, subject.digest), []).append(subject)
    return tuple(
        Image(
            repository, digest,
            tuple(sorted(each.tag for each in group if each.tag is not None)),
            min(each.since for each in group),
            max((each.pulled for each in group if each.pulled is not None), default=None),
        )
        for (repository, digest), group in sorted(groups.items())
    )  # fmt: skip


def newest_first(images: Iterable[Image]) -> list[Image]:
    """Sort by when they came, the newest first; of two of one moment the greater digest counts as newer."""
    return sorted(images, key=lambda image: (image.since, image.digest), reverse=True)


def decided(subjects: Sequence[Subject], why: Callable[[Subject], tuple[bool, str]]) -> tuple[Decision, ...]:
    """Decide each subject by a function that says whether it goes, and why."""
    return tuple(Decision(subject, *why(subject)) for subject in subjects)


def read_json(text: str, what: str) -> Any:
    """Read JSON, or raise InvalidValue."""
    if len(text) > LONGEST:
        raise InvalidValue(what, f"{len(text):,} characters", f"at most {LONGEST:,} are read")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(what, text[:60], f"is not JSON ({error})") from None


def fields(what: str, obj: Any, required: Iterable[str] = (), optional: Iterable[str] = ()) -> Mapping[str, Any]:
    """Check that an object has what it needs and nothing unknown."""
    if not isinstance(obj, dict):
        raise InvalidValue(what, str(obj)[:60], "must be a JSON object")
    needed, known = set(required), set(required) | set(optional)
    if missing := needed - set(obj):
        raise InvalidValue(what, str(obj)[:60], f"needs {', '.join(sorted(missing))}")
    if unknown := set(obj) - known:
        raise InvalidValue(what, ", ".join(sorted(unknown)), f"knows {', '.join(sorted(known))} alone")
    return obj


def whole(what: str, value: Any, least: int = 0) -> int:
    """Check a whole number."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 10**9:
        raise InvalidValue(what, value, f"must be a whole number, {least} or more")
    return value


def texts(what: str, value: Any) -> tuple[str, ...]:
    """Check a list of texts."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value) or len(value) > 100:
        raise InvalidValue(what, str(value)[:60], "must be a list of texts, at most 100")
    return tuple(value)


def duration(what: str, text: Any) -> float:
    """Read a duration as 7d, 36h or 1d12h; gives seconds.

    >>> duration("age", "1d12h")
    129600.0
    """
    if not isinstance(text, str) or not re.fullmatch(r"(\d{1,9}[smhd])+", text):
        raise InvalidValue(what, str(text)[:60], "write a number and s, m, h or d, as 7d")
    return float(sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text)))


def expression(what: str, text: Any) -> re.Pattern[str]:
    """Read a regular expression, or raise InvalidValue; one that could take for ever is refused."""
    if not isinstance(text, str) or len(text) > LONGEST_EXPRESSION:
        raise InvalidValue(what, str(text)[:60], f"must be an expression of at most {LONGEST_EXPRESSION} characters")
    repeated = re.search(r"\)[*+?{]", text) or re.search(r"[*+?}][*+?{]", text)
    if repeated or len(re.findall(r"[*+?{]", text)) > MOST_REPEATS:
        raise InvalidValue(what, text[:60], f"may repeat at most {MOST_REPEATS} times, and no group")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidValue(what, text[:60], f"is no regular expression ({error})") from None
