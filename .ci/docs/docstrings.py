"""Docstrings as Markdown: pdoc renders that, and ours use paragraphs, ``code``, lists and ``>>>`` examples only."""

from __future__ import annotations

import inspect
import re
from types import ModuleType


def markdown(docstring: str) -> str:
    """Make a docstring safe for Markdown: what looks like a tag, outside code, is text.

    >>> markdown("Read ``<id>`` or <id>.")
    'Read ``<id>`` or &lt;id>.'
    """
    return "\n\n".join(_block(block) for block in re.split(r"\n\s*\n", docstring))


def _block(block: str) -> str:
    if block.startswith((">>>", "    ")):
        return block
    pieces = re.split(r"(``.*?``|`[^`]+`)", block, flags=re.DOTALL)
    return "".join(piece if piece.startswith("`") else piece.replace("<", "&lt;") for piece in pieces)


def first_paragraph(docstring: str | None) -> str:
    """Take the sentence or two that a docstring starts with, in one line."""
    return " ".join(markdown(docstring or "").partition("\n\n")[0].split())


def comment_above(module: ModuleType, name: str) -> str:
    """Read the comment above an assignment: in this project it says what the value is.

    A file that defines one value and nothing else says it in its docstring.
    """
    lines = inspect.getsource(module).splitlines()
    assigned = [number for number, line in enumerate(lines) if re.match(r"[A-Za-z]\w*\b *(:[^=]*)?=(?!=)", line)]
    at = next((number for number in assigned if re.match(rf"{name}\b", lines[number])), 0)
    start = at
    while start and lines[start - 1].startswith("#"):
        start -= 1
    alone = len(assigned) == 1 and not any(line.startswith(("def ", "class ")) for line in lines)
    said = " ".join(line.lstrip("# ") for line in lines[start:at])
    return said or (inspect.getdoc(module) or "" if alone else "")
