"""Read the words of a Dockerfile: quotes, escapes and variables, as BuildKit's shell lexer reads them.

1. A line is cut into words before its variables are replaced, so a value with a space in it stays one word.
2. In single quotes a dollar is a dollar; in double quotes it begins a variable. Both kinds of quotes are removed.
3. A variable that is not set is empty (Dockerfile reference, "Environment replacement").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simregistry.errors import InvalidValue

Variables = Mapping[str, str]
# BuildKit counts every letter of Unicode as a letter of a name.
NAME = re.compile(r"[^\W\d]\w*|\d+|[@*#?$!-]")
MODIFIER = re.compile(r":?[-+?]")
# Linux gives a command no longer string than this, so no longer value of a variable is of use (execve(2),
# MAX_ARG_STRLEN). Two short lines, ENV A=aaaaaaaaaa and ENV A=$A$A forty times, would fill any memory.
LONGEST_WORD = 128 * 1024
# BuildKit's commands travel in messages of at most 16 MiB (gRPC), and a file of a heredoc is in one of them.
LONGEST_HEREDOC = 16 * 1024**2
# ${a:-${b:-…}} may nest, and a person nests two or three.
DEEPEST_NESTING = 64
# A word is made of pieces: escaped, in quotes, or plain. A quote that nothing closes is a plain letter here.
WORD = re.compile(r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s'\"\\]|['\"\\])+", re.S)
WORD_BACKTICK = re.compile(r"(?:`.|'[^']*'|\"(?:`.|[^\"`])*\"|[^\s'\"`]|['\"`])+", re.S)


def split(text: str, escape: str = "\\") -> list[str]:
    """Cut a line into words at the spaces outside of quotes, without touching quotes and variables.

    >>> split('a="b c" $d')
    ['a="b c"', '$d']
    """
    return (WORD if escape == "\\" else WORD_BACKTICK).findall(text)


def word(text: str, variables: Variables, escape: str = "\\") -> str:
    """Read one word: remove its quotes and escapes, and replace its variables by their values.

    >>> word("'$a'-\\"$a\\"-${b:-none}", {"a": "one two"})
    '$a-one two-none'
    """
    return _Reader(text, variables, escape, quotes=True, longest=LONGEST_WORD).read()


def substitute(text: str, variables: Variables) -> str:
    """Replace the variables of a heredoc by their values and take its backslashes off; quotes stay as they are.

    BuildKit reads a heredoc with the lexer of its words, without the part for quotes (convert.go, ExpandRaw): two
    backslashes are one, and one before any other character goes.

    >>> substitute("$a '${b:-none}' ${a:+some} \\\\$a", {"a": "1"})
    "1 'none' some $a"
    """
    return _Reader(text, variables, "\\", quotes=False, longest=LONGEST_HEREDOC).read()


@dataclass(slots=True)
class _Reader:
    """A reader of one string, from left to right; ``at`` is the next character, ``longest`` bounds what comes out."""

    text: str
    variables: Variables
    escape: str
    quotes: bool
    longest: int
    at: int = 0
    depth: int = 0
    grown: int = 0

    def read(self, stop: str = "") -> str:
        """Read up to one of the stop characters, which is not read itself, or to the end."""
        pieces: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in stop:
            pieces.append(self._piece())
        return "".join(pieces)

    def _piece(self) -> str:
        """Read one piece: a variable, an escaped character, something in quotes, or a plain character."""
        letter = self._next()
        if letter == "$":
            return self._variable()
        if letter == self.escape:
            return self._escaped()
        if self.quotes and letter == "'":
            return self._single_quoted()
        if self.quotes and letter == '"':
            return self._double_quoted()
        return letter

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _escaped(self) -> str:
        """Read the character after an escape. The escape goes; so does one that ends the string."""
        return self._next() if self.at < len(self.text) else ""

    def _single_quoted(self) -> str:
        """Read up to the closing single quote; everything before it is taken as it is."""
        end = self.text.find("'", self.at)
        if end < 0:
            raise InvalidValue("word", self.text, "has a ' that is never closed")
        content, self.at = self.text[self.at : end], end + 1
        return content

    def _double_quoted(self) -> str:
        """Read up to the closing double quote; inside, the escape works before a quote, a dollar and itself alone."""
        pieces: list[str] = []
        while self.at < len(self.text):
            letter = self._next()
            if letter == '"':
                return "".join(pieces)
            if letter == "$":
                pieces.append(self._variable())
            elif letter == self.escape and self.text[self.at : self.at + 1] in ('"', "$", self.escape):
                pieces.append(self._next())
            else:
                pieces.append(letter)
        raise InvalidValue("word", self.text, 'has a " that is never closed')

    def _variable(self) -> str:
        """Read a variable after its dollar, and return its value; a dollar without a name is a dollar."""
        if self.text[self.at : self.at + 1] == "{":
            self.at += 1
            return self._braced()
        match = NAME.match(self.text, self.at)
        if match is None:
            return "$"
        self.at = match.end()
        return self._measured(self.variables.get(match[0], ""))

    def _braced(self) -> str:
        """Read ``name}``, or ``name:-other}`` and its relatives, after ``${``."""
        name = NAME.match(self.text, self.at)
        if name is None:
            raise InvalidValue("word", self.text, "has ${ without a name after it; write ${name}")
        self.at = name.end()
        modifier = MODIFIER.match(self.text, self.at)
        self.at = modifier.end() if modifier else self.at
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise InvalidValue("word", self.text, f"nests ${{…}} deeper than {DEEPEST_NESTING} levels")
        other = self.read("}") if modifier else ""
        self.depth -= 1
        if self.text[self.at : self.at + 1] != "}":
            rule = "has ${ without a } to it" if self.at >= len(self.text) else "may use only ${name}, :-, :+ and :?"
            raise InvalidValue("word", self.text, rule)
        self.at += 1
        return self._modified(name[0], modifier[0] if modifier else "", other)

    def _measured(self, value: str) -> str:
        """Count the characters that variables bring, and refuse more than there may be."""
        self.grown += len(value)
        if self.grown > self.longest:
            rule = f"grows to more than {self.longest:,} characters by its variables; a command could not take it"
            raise InvalidValue("word", self.text, rule)
        return value

    def _modified(self, name: str, modifier: str, other: str) -> str:
        """Choose between the variable's value and the other string: - and + and ?, with or without a colon."""
        value = self.variables.get(name)
        # With a colon, a variable that is set to "" counts as not set.
        is_set = bool(value) if modifier.startswith(":") else value is not None
        if modifier.endswith("+"):
            return other if is_set else ""
        if modifier.endswith("-") and not is_set:
            return other
        if modifier.endswith("?") and not is_set:
            raise InvalidValue("variable", name, other or "is not set; give it a value")
        return self._measured(value or "")
