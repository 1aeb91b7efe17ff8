"""A table as a value, and the reports that show one: in a terminal, in a notebook, and as data for other programs.

``ShowsTable`` prints whatever has a ``table()``. ``TableReport`` adds ``to_dict()`` for frozen dataclasses. Both export
to pandas, which is not a dependency: it's imported when somebody asks for a DataFrame.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from html import escape
from typing import Any

from simregistry.errors import SimRegistryError

UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def count(n: int) -> str:
    """Write a whole number with thousands separators.

    >>> count(8882642570)
    '8,882,642,570'
    """
    return f"{n:,}"


def human(n_bytes: int) -> str:
    """Write a size in decimal units, as ``docker images`` does (1 kB is 1,000 bytes), to three digits.

    >>> human(29_792_658), human(586), human(1_058)
    ('29.8 MB', '586 B', '1.06 kB')
    """
    for scale, unit in UNITS:
        # 999,999 would round up to "1000 kB": the next larger unit takes it as "1 MB".
        if n_bytes >= scale * 0.9995:
            return f"{n_bytes / scale:.3g} {unit}"
    return f"{n_bytes} B"


def cell(value: object) -> str:
    """Write one cell: numbers with separators, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return count(value) if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Print columns and rows: plain text in a terminal, HTML in a notebook, from the same cells.

    >>> print(Table(("blob", "bytes"), (("base", 300634), ("top", 124))))
    blob    bytes
    base  300,634
    top       124
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    title: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} cells in a table of {len(self.columns)} columns: {row!r}")

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        return iter(self.rows)

    def records(self) -> list[dict[str, object]]:
        """List the rows as dicts from column to cell, with the cells as they are.

        >>> Table(("blob", "bytes"), (("base", 300634),)).records()
        [{'blob': 'base', 'bytes': 300634}]
        """
        # A dict keeps one of two equal keys, so a cell would be lost without a word.
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"two columns have one name: {', '.join(self.columns)}; go over the rows instead")
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Turn the table into plain JSON values: its title, its columns, and a list for each row."""
        return {"title": self.title, "columns": list(self.columns), "rows": [plain(row) for row in self.rows]}

    def to_csv(self) -> str:
        r"""Write the cells as CSV, under a line with the columns. Numbers have no separators, so programs read them.

        >>> Table(("blob", "bytes"), (("base", 300634),)).to_csv()
        'blob,bytes\nbase,300634\n'
        """
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([self.columns, *self.rows])
        return stream.getvalue()

    def to_dataframe(self) -> Any:
        """Hand the rows to pandas as a DataFrame; raises SimRegistryError where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise SimRegistryError(
                "a DataFrame needs pandas, which is not installed here: run `pip install pandas` and try again"
            ) from None
        return pandas.DataFrame([list(row) for row in self.rows], columns=list(self.columns))

    def __str__(self) -> str:
        lines = [self.columns, *(tuple(cell(v) for v in row) for row in self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        right = self._right_aligned()
        text = "\n".join(
            "  ".join((v.rjust(w) if r else v.ljust(w)) for v, w, r in zip(line, widths, right, strict=True)).rstrip()
            for line in lines
        )
        return f"{self.title}\n{text}" if self.title else text

    __repr__ = __str__

    def _right_aligned(self) -> list[bool]:
        """Say which columns hold numbers alone: those read best aligned on their last digit."""
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.columns)
        return [
            bool(values) and all(isinstance(v, int | float | None) and not isinstance(v, bool) for v in values)
            for values in columns
        ]

    def _repr_html_(self) -> str:
        # Styles stand at the cells: a notebook's own are other inside a widget than outside.
        styles = [f"style='text-align:{'right' if r else 'left'};padding:4px 8px'" for r in self._right_aligned()]
        head = "".join(
            f"<th scope='col' {style}>{escape(c)}</th>" for c, style in zip(self.columns, styles, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(f"<td {style}>{escape(cell(v))}</td>" for v, style in zip(row, styles, strict=True))
            + "</tr>"
            for row in self.rows
        )
        title = f"<caption style='text-align:left;white-space:nowrap'>{escape(self.title)}</caption>"
        caption = title if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class ShowsTable(ABC):
    """Print, and show in a notebook, the table that ``table()`` makes.

    A dataclass on top of this needs ``repr=False``, or its own repr would take the table's place.
    """

    __slots__ = ()

    @abstractmethod
    def table(self) -> Table:
        """Make the table that stands for this value."""

    def __str__(self) -> str:
        return str(self.table())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def to_dataframe(self) -> Any:
        """Hand the table's rows to pandas as a DataFrame."""
        return self.table().to_dataframe()


class TableReport(ShowsTable):
    """Show a table, and turn into plain JSON values: what a frozen dataclass that reports something builds on."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Turn the report into plain JSON values, with digests as strings: its fields, then its figures.

        A report that has a ``to_json`` of its own gives that.
        """
        values = plain(self)
        assert isinstance(values, dict)
        return values


def plain(value: object) -> Any:
    """Turn a value, and whatever is in it, into plain JSON values: dicts, lists, strings, numbers, booleans and None.

    Raises TypeError for a value that has no plain form.

    >>> plain({"sizes": (1, 2), "content": b"hello"})["content"]["size"]
    5
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # JSON has neither infinity nor "not a number".
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        # A digest is a string with methods; str() takes them off.
        return str(value)
    if isinstance(value, bytes):
        # The bytes of a layer have no place in a report: their digest and size say what they are.
        return {"digest": f"sha256:{hashlib.sha256(value).hexdigest()}", "size": len(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if callable(to_json := getattr(value, "to_json", None)):
        return plain(to_json())
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(item) for name, item in _contents(value)}
    raise TypeError(f"a {type(value).__name__} has no plain form: give its class a to_json() that makes one")


def _contents(value: Any) -> Iterator[tuple[str, object]]:
    """Go through a dataclass: its fields, then those properties that work out one figure or string from them."""
    for field in fields(value):
        # A function that a value holds is a way to compute something, and no data.
        if not callable(item := getattr(value, field.name)):
            yield field.name, item
    names = {
        name: None
        for parent in reversed(type(value).__mro__)
        for name, member in vars(parent).items()
        if isinstance(member, property | cached_property) and not name.startswith("_")
    }
    for name in names:
        # A property that gives more than one figure is another view of the same fields.
        if isinstance(item := getattr(value, name), str | bool | int | float | None):
            yield name, item
