"""A number as people write it: 1058, "1,058 bytes", "1.5 MB", "36%", and 0.36 where percent is asked for.

A separator is never dropped in silence: "1,500" is 1500, and "1,5" or "20 4" could mean two things, so the learner
reads what is unclear about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from math import isfinite
from numbers import Rational, Real

from simregistry.table import count
from simregistry.teach.unread import Unread, plain_value

# How many bytes a unit has: decimal units as on a disk's label, and binary ones.
UNITS = {
    "b": 1, "byte": 1, "bytes": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 10**3, "m": 10**6, "g": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "kilobyte": 10**3, "kilobytes": 10**3, "megabyte": 10**6, "megabytes": 10**6, "gigabyte": 10**9, "gigabytes": 10**9,
}  # fmt: skip
MILLISECONDS = {
    "ms": 1, "millisecond": 1, "milliseconds": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000,
    "min": 60_000, "minute": 60_000, "minutes": 60_000, "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
}  # fmt: skip
PERCENT = {"%": 1, "percent": 1, "per cent": 1, "pct": 1}
TIMES = {"times": 1, "time": 1, "x": 1, "×": 1}
FAMILIES: tuple[Mapping[str, int], ...] = (UNITS, MILLISECONDS, PERCENT, TIMES)

LARGEST, LONGEST_NUMBER = 10**18, 60
ABOUT = re.compile(r"(?:about|around|roughly|circa|ca\.|~|≈)\s*", re.IGNORECASE)
NUMBER = re.compile(r"([+-]?)\s*([0-9.][0-9.,_' ]*)(e[+-]?[0-9]{1,2})?\s*([^\W\d_][^\d]*|[%×]|)", re.IGNORECASE)
PLAIN = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
# Groups of three digits, one separator all through: 1,058 and 401 337, but neither 0,360 nor 1,05.
GROUPED = re.compile(r"[1-9][0-9]{0,2}(?P<apart>[,_' ])[0-9]{3}(?:(?P=apart)[0-9]{3})*(?:\.[0-9]*)?")
RANGE = re.compile(r"[0-9]\s*(?:-|–|\.\.+|/|\bto\b|\bor\b)\s*[0-9]")


def read_number(answer: object, unit: str = "", bare: str = "") -> Decimal | Unread:
    """Read a number in a unit; one that is written without a unit counts in ``bare``, or else in ``unit`` itself.

    >>> read_number("1.5 MB", "bytes"), read_number(120, "bytes", bare="MB"), read_number(0.36, "percent")
    (Decimal('1500000.0'), Decimal('120000000'), Decimal('36.00'))
    >>> read_number("1,5 MB").sentence
    'The comma in 1,5 is unclear. Write a point before a fraction (1.5), or no comma at all (15).'
    """
    value = plain_value(answer)
    if isinstance(value, str):
        return _read_text(value, unit, bare or unit)
    number = _exact(value)
    return Unread() if number is None else _in_unit(number, "", unit, bare or unit)


def write_number(number: Decimal) -> str:
    """Write a number with thousands separators, and with a fraction where it has one.

    >>> write_number(Decimal("1500000.0")), write_number(Decimal("4.60"))
    ('1,500,000', '4.6')
    """
    return count(int(number)) if number == int(number) else f"{number.normalize():,f}"


def _exact(value: object) -> Decimal | None:
    """Turn a number of any kind into the decimal that its own digits say; None for what is none, or is too large."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    if isinstance(value, Rational):
        above, below = int(value.numerator), int(value.denominator)
        return Decimal(above) / Decimal(below) if abs(above) < LARGEST * below else None
    if not isfinite(value) or abs(float(value)) >= LARGEST:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(repr(float(value)))


def _read_text(text: str, unit: str, bare: str) -> Decimal | Unread:
    if len(text) > LONGEST_NUMBER:
        return Unread("That is too long for a number.")
    # A minus sign of print, and the narrow blanks that some write between thousands.
    plain = ABOUT.sub("", " ".join(text.replace("−", "-").split()), count=1)
    match = NUMBER.fullmatch(plain)
    if match is None:
        if RANGE.search(plain):
            return Unread("Write one number, not a range.")
        return Unread("Write the number in digits.") if not re.search("[0-9]", plain) else Unread()
    sign, digits, exponent, written_unit = match.groups()
    digits = digits.strip()
    if not PLAIN.fullmatch(digits) and not GROUPED.fullmatch(digits):
        return _unclear(digits)
    number = Decimal(sign + re.sub("[,_' ]", "", digits) + (exponent or ""))
    if not abs(number) < LARGEST:
        return Unread("That is too large.")
    return _in_unit(number, written_unit.strip(" ."), unit, bare)


def _unclear(digits: str) -> Unread:
    """Say which separator can mean two things, and how to write the number so that it means one."""
    if re.fullmatch(r"[0-9]+,[0-9]+", digits):
        point = f"a point before a fraction ({digits.replace(',', '.')})"
        # 0,36 is a fraction, whoever writes it; 036 is no number that anybody means.
        whole = "" if digits.startswith("0") else f", or no comma at all ({digits.replace(',', '')})"
        return Unread(f"The comma in {digits} is unclear. Write {point}{whole}.")
    if " " in digits:
        return Unread(f"The blank in {digits} is unclear. Write one number without blanks.")
    return Unread(f"The separators in {digits} are unclear. Write the digits alone, and a point before a fraction.")


def _in_unit(number: Decimal, written: str, unit: str, bare: str) -> Decimal | Unread:
    """Convert a number to the unit that is asked for."""
    asked, source = unit.casefold(), (written or bare).casefold()
    family = next((family for family in FAMILIES if asked in family), None)
    if not written and family is PERCENT and 0 < abs(number) < 1:
        # 0.36 of a whole is 36 percent; whoever means less than one percent writes its sign.
        return number * 100
    if family is not None:
        return number * family[source] / family[asked] if source in family else _other_unit(written, bare)
    return number if not written or _counts(source, asked) else _other_unit(written, bare)


def _counts(noun: str, asked: str) -> bool:
    """Say whether a noun is what is counted, in the plural or not; where nothing is named, any word but a unit is."""
    if not asked:
        return len(noun) > 1 and all(noun not in family for family in FAMILIES)
    return noun in (asked, asked.removesuffix("s"), asked.removesuffix("es"), f"{asked.removesuffix('ies')}y")


def _other_unit(written: str, asked: str) -> Unread:
    wanted = f"in {asked}" if asked else "without a unit"
    return Unread(f"The unit {written} does not fit here. Write the number {wanted}.")
