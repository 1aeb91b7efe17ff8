"""A table as a value: what every report shows itself by, in a terminal, a notebook and a test alike."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

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
    """Columns and rows; text in a terminal, HTML in a notebook, from the same cells.

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
