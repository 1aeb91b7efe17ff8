"""Patterns of paths, as a Dockerfile and a .dockerignore write them (Go's filepath.Match, and ``**``).

Retention rules and products match names with the standard library's ``fnmatch``, where ``*`` matches slashes too. Here
``*`` stays inside one part of a path.
"""

from __future__ import annotations

import re

from simregistry.errors import InvalidValue

WILDCARDS = "*?["


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """Turn a pattern into a regular expression, or raise InvalidValue for a range that makes no sense.

    ``*`` stands for any characters of one part, ``**`` for any number of parts, ``?`` for one character, ``[a-z]`` for
    one of a range, ``[!a]`` for any but these. A backslash takes the meaning off the character after it.

    >>> [bool(glob_pattern("src/*.py").fullmatch(path)) for path in ("src/app.py", "src/lib/app.py")]
    [True, False]
    """
    expression, at = "", 0
    while at < len(pattern):
        piece, at = _next_piece(pattern, at)
        expression += piece
    try:
        # A file's name may hold a line break, and a dot matches it only with re.S.
        return re.compile(expression, re.S)
    except re.error:
        raise InvalidValue("pattern", pattern, "has a [range] that cannot be read") from None


def _next_piece(pattern: str, at: int) -> tuple[str, int]:
    """Translate what stands at a place of the pattern; return the expression and the place behind it."""
    # "**/" may also stand for no directory at all: "**/x" matches x.
    if pattern.startswith("**/", at):
        return "(?:.*/)?", at + 3
    if pattern.startswith("**", at):
        return ".*", at + 2
    if pattern[at] == "[" and "]" in pattern[at + 1 :]:
        end = pattern.index("]", at + 1)
        return _range(pattern[at + 1 : end]), end + 1
    if pattern[at] == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), at + 2
    return {"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at])), at + 1


def _range(body: str) -> str:
    """Translate what stands between brackets; "!" or "^" at its beginning turns it round."""
    body = body.replace("\\", "\\\\")
    return f"[^{body[1:]}]" if body[:1] in ("!", "^") else f"[{body}]"
