"""Read the flags at the beginning of an instruction: --from=build, --chown="app:app", as BuildKit does (bflag.go)."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The flags that a build knows. Any other is refused, because ignoring it would change the image silently.
FLAGS = {
    "FROM": ("platform",),
    "RUN": ("mount", "network", "security"),
    "COPY": ("from", "chown", "chmod", "link"),
    "ADD": ("chown", "chmod", "link"),
    "HEALTHCHECK": ("interval", "timeout", "start-period", "start-interval", "retries"),
}
# These are on or off; all others need a value.
SWITCHES = ("link",)
# One flag up to the next space outside of quotes. A quote that nothing closes goes up to the end, as in BuildKit.
WORDS = {
    escape: re.compile(rf"--(?:{re.escape(escape)}.|'[^']*(?:'|$)|\"[^\"]*(?:\"|$)|[^\s'\"{re.escape(escape)}])*", re.S)
    for escape in "\\`"
}
PIECE = {
    escape: re.compile(rf"{re.escape(escape)}(.)|'([^']*)'?|\"([^\"]*)\"?|([^'\"{re.escape(escape)}]+)", re.S)
    for escape in "\\`"
}


class FlagFault(ValueError):
    """A flag that can't be read; the message says why."""


def read_flags(keyword: str, text: str, escape: str = "\\") -> tuple[dict[str, str], str]:
    """Read the flags at the beginning of a text; return them without quotes, and the rest. Raises FlagFault.

    >>> read_flags("COPY", '--from="base" --link a b')
    ({'from': 'base', 'link': ''}, 'a b')
    """
    flags: dict[str, str] = {}
    while match := WORDS[escape].match(text):
        text = text[match.end() :].lstrip()
        word = "".join(piece[1] or piece[2] or piece[3] or piece[4] or "" for piece in PIECE[escape].finditer(match[0]))
        # Two dashes alone end the flags (POSIX, Utility Syntax Guidelines, 10).
        if word == "--":
            break
        name, equals, value = word[2:].partition("=")
        _check(keyword, name, value if equals else None, flags)
        # A RUN may have several mounts: keep them as they are written, one after the other.
        flags[name] = f"{flags[name]} --{name}={value}" if name in flags else value
    return flags, text


def _check(keyword: str, name: str, value: str | None, flags: Mapping[str, str]) -> None:
    """Refuse a flag that means nothing, comes twice, or has the wrong kind of value."""
    known = FLAGS.get(keyword, ())
    if name not in known:
        takes = ", ".join(f"--{flag}" for flag in known) or "no flag; put -- before an argument that begins so"
        raise FlagFault(f"--{name} means nothing here; {keyword} takes {takes}")
    if name in flags and name != "mount":
        raise FlagFault(f"--{name} is given twice")
    if name in SWITCHES:
        if value is not None and value.lower() not in ("true", "false"):
            raise FlagFault(f"--{name} is true or false, not {value!r}")
    elif value is None:
        raise FlagFault(f"--{name} needs a value; write --{name}=value")
