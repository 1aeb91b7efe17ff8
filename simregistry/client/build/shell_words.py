"""Words of a Dockerfile: quotes, escapes and variables, as BuildKit's shell lexer reads them.

1. A line is cut into words first and its variables are put in afterwards, so a value with a space in it stays one word.
2. Single quotes keep a dollar as it is, double quotes do not, and both are taken off.
3. A variable that is not there is empty (Dockerfile reference, "Environment replacement").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simregistry.errors import InvalidValue

Variables = Mapping[str, str]
NAME = re.compile(r"[A-Za-z_]\w*|\d+|[@*#?$!-]", re.A)
MODIFIER = re.compile(r":?[-+?]")
# A piece of a word: escaped, in quotes, or plain; a quote that nothing closes stands for itself here.
WORD = re.compile(r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s'\"\\]|['\"\\])+", re.S)
WORD_BACKTICK = re.compile(r"(?:`.|'[^']*'|\"(?:`.|[^\"`])*\"|[^\s'\"`]|['\"`])+", re.S)


def split(text: str, escape: str = "\\") -> list[str]:
    """Cut a line into words at the spaces outside of quotes; quotes and variables stay as they are.

    >>> split('a="b c" $d')
    ['a="b c"', '$d']
    """
    return (WORD if escape == "\\" else WORD_BACKTICK).findall(text)


def word(text: str, variables: Variables, escape: str = "\\") -> str:
    """Read one word: take its quotes and escapes off, and put the variables in.

    >>> word("'$a'-\\"$a\\"-${b:-none}", {"a": "one two"})
    '$a-one two-none'
    """
    return _Reader(text, variables, escape, quotes=True).read()


def substitute(text: str, variables: Variables) -> str:
    """Put values in for variables and leave all else alone, as in a heredoc; ``\\$`` is a dollar.

    >>> substitute("$a '${b:-none}' ${a:+some} \\\\$a", {"a": "1"})
    "1 'none' some $a"
    """
    return _Reader(text, variables, "\\", quotes=False).read()


@dataclass(slots=True)
class _Reader:
    """One text on its way through the lexer."""

    text: str
    variables: Variables
    escape: str
    quotes: bool
    at: int = 0

    def read(self, stop: str = "") -> str:
        """Read up to one of the stop characters, which stays unread, or to the end."""
        out: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in stop:
            out.append(self._piece())
        return "".join(out)

    def _piece(self) -> str:
        ch = self._next()
        if ch == "$":
            return self._variable()
        if ch == self.escape:
            return self._escaped()
        if self.quotes and ch == "'":
            return self._up_to("'")
        if self.quotes and ch == '"':
            return self._double()
        return ch

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _escaped(self) -> str:
        if self.at == len(self.text):
            return self.escape
        ch = self._next()
        return ch if self.quotes or ch == "$" else self.escape + ch

    def _up_to(self, quote: str) -> str:
        end = self.text.find(quote, self.at)
        if end < 0:
            raise InvalidValue("word", self.text, f"has a {quote} that is never closed")
        found, self.at = self.text[self.at : end], end + 1
        return found

    def _double(self) -> str:
        """Read on to the closing quote; within, the escape is only one before a quote, a dollar or itself."""
        out: list[str] = []
        while self.at < len(self.text):
            ch = self._next()
            if ch == '"':
                return "".join(out)
            if ch == "$":
                out.append(self._variable())
            elif ch == self.escape and self.text[self.at : self.at + 1] in ('"', "$", self.escape):
                out.append(self._next())
            else:
                out.append(ch)
        raise InvalidValue("word", self.text, 'has a " that is never closed')

    def _variable(self) -> str:
        if self.text[self.at : self.at + 1] == "{":
            self.at += 1
            return self._braced()
        match = NAME.match(self.text, self.at)
        if match is None:
            return "$"
        self.at = match.end()
        return self.variables.get(match[0], "")

    def _braced(self) -> str:
        name = NAME.match(self.text, self.at)
        if name is None:
            raise InvalidValue("word", self.text, "has ${ without a name after it; write ${name}")
        self.at = name.end()
        modifier = MODIFIER.match(self.text, self.at)
        self.at = modifier.end() if modifier else self.at
        other = self.read("}") if modifier else ""
        if self.text[self.at : self.at + 1] != "}":
            rule = "has ${ without a } to it" if self.at >= len(self.text) else "knows ${name}, :-, :+ and :? alone"
            raise InvalidValue("word", self.text, rule)
        self.at += 1
        return self._modified(name[0], modifier[0] if modifier else "", other)

    def _modified(self, name: str, modifier: str, other: str) -> str:
        """Choose between value and other; with a colon, an empty value counts as none."""
        found = self.variables.get(name)
        there = bool(found) if modifier.startswith(":") else found is not None
        if modifier.endswith("+"):
            return other if there else ""
        if modifier.endswith("-") and not there:
            return other
        if modifier.endswith("?") and not there:
            raise InvalidValue("variable", name, other or "is not set; give it a value")
        return found or ""
