"""Dockerfiles as values: stages of instructions, parsed as BuildKit's front end does (Dockerfile reference).

The parsers to be had for Python work line by line and know no heredocs, and the workbench needs the standard library
alone, so that it runs in a browser: hence this one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
HEREDOC = re.compile(r"<<(-?)(['\"]?)([A-Za-z_][A-Za-z0-9_.]*)\2")
DIRECTIVE = re.compile(r"#\s*([a-zA-Z]+)\s*=\s*(.*?)\s*")
FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s*")
WITH_HEREDOCS = ("RUN", "COPY", "ADD")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """Text given in place: a file's content for COPY and ADD, a script for RUN; quoted means no substitution."""

    name: str
    content: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword, flags, the rest of its text, and where it stands."""

    keyword: str
    args: str
    flags: dict[str, str] = field(default_factory=dict, hash=False)
    heredocs: tuple[Heredoc, ...] = ()
    line: int = 0

    @property
    def json_form(self) -> tuple[str, ...] | None:
        """The words of the exec form, ``["a", "b"]``; None for the shell form."""
        if not self.args.startswith("["):
            return None
        try:
            words = json.loads(self.args)
        except ValueError:
            return None
        fine = isinstance(words, list) and all(isinstance(word, str) for word in words)
        return tuple(words) if fine else None

    def __str__(self) -> str:
        flags = "".join(f"--{name}={value} " if value else f"--{name} " for name, value in self.flags.items())
        return f"{self.keyword} {flags}{self.args}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what follows it; ``name`` is what AS called it."""

    base: str
    name: str
    platform: str
    instructions: tuple[Instruction, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The stages, and the ARGs before the first of them, which FROM may use."""

    stages: tuple[Stage, ...]
    global_args: tuple[Instruction, ...] = ()


def parse(text: str) -> Dockerfile:
    """Read a Dockerfile, or raise InvalidValue naming the line and what to do.

    >>> parse("FROM scratch\\nCOPY . /app\\n").stages[0].instructions[0].keyword
    'COPY'
    """
    instructions = _instructions(text)
    if not instructions:
        raise InvalidValue("Dockerfile", text, "has no instruction; begin with FROM")
    first_from = next((i for i, one in enumerate(instructions) if one.keyword == "FROM"), len(instructions))
    for one in instructions[:first_from]:
        if one.keyword != "ARG":
            raise InvalidValue("Dockerfile", str(one), f"line {one.line}: the first instruction must be FROM (or ARG)")
    if first_from == len(instructions):
        raise InvalidValue("Dockerfile", str(instructions[-1]), "has no FROM; write FROM scratch to begin with nothing")
    return Dockerfile(tuple(_stages(instructions[first_from:])), tuple(instructions[:first_from]))


def _stages(instructions: list[Instruction]) -> list[Stage]:
    stages: list[Stage] = []
    for one in instructions:
        if one.keyword == "FROM":
            stages.append(_stage(one))
        else:
            last = stages[-1]
            grown = (*last.instructions, one)
            stages[-1] = Stage(last.base, last.name, last.platform, grown, last.line)
    return stages


def _stage(one: Instruction) -> Stage:
    words = one.args.split()
    if len(words) == 1:
        return Stage(words[0], "", one.flags.get("platform", ""), (), one.line)
    if len(words) == 3 and words[1].upper() == "AS":
        return Stage(words[0], words[2].lower(), one.flags.get("platform", ""), (), one.line)
    raise InvalidValue("Dockerfile", str(one), f"line {one.line}: write FROM image, or FROM image AS name")


def _instructions(text: str) -> list[Instruction]:
    """Put continued lines together, leave comments out, and take heredocs in."""
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _escape(lines)
    found: list[Instruction] = []
    here = 0
    while here < len(lines):
        start, (logical, here) = here, _logical_line(lines, here, escape)
        if not logical:
            continue
        one = _instruction(logical, start + 1)
        heredocs: list[Heredoc] = []
        if one.keyword in WITH_HEREDOCS:
            for dash, quote, name in HEREDOC.findall(one.args):
                content, here = _heredoc(lines, here, name, bool(dash), start + 1)
                heredocs.append(Heredoc(name, content, bool(quote)))
        found.append(Instruction(one.keyword, one.args, one.flags, tuple(heredocs), one.line))
    return found


def _escape(lines: list[str]) -> str:
    """Find the escape character: a directive before anything else may make it a backtick."""
    for line in lines:
        match = DIRECTIVE.fullmatch(line.strip())
        if not match:
            return "\\"
        if match[1].lower() == "escape":
            if match[2] not in ("\\", "`"):
                raise InvalidValue("Dockerfile", line, "escape must be \\ or `")
            return match[2]
    return "\\"


def _logical_line(lines: list[str], here: int, escape: str) -> tuple[str, int]:
    """Join a line with those it goes on in; comments and empty lines between are left out, as Docker does."""
    parts: list[str] = []
    while here < len(lines):
        line = lines[here]
        here += 1
        bare = line.strip()
        if bare.startswith("#") or (not bare and parts):
            if not parts:
                return "", here
            continue
        goes_on = bare.endswith(escape)
        parts.append(line.rstrip()[:-1] if goes_on else line.rstrip())
        if not goes_on:
            break
    return "".join(parts).strip(), here


def _instruction(logical: str, line: int) -> Instruction:
    first, *more = logical.split(None, 1)
    keyword, rest = first.upper(), more[0].strip() if more else ""
    if keyword not in KEYWORDS:
        close = ", ".join(known for known in KEYWORDS if known[:2] == keyword[:2]) or ", ".join(KEYWORDS)
        raise InvalidValue(
            "Dockerfile", logical, f"line {line}: unknown instruction {keyword!r}; did you mean {close}?"
        )
    flags: dict[str, str] = {}
    while match := FLAG.match(rest) if keyword in ("FROM", "COPY", "ADD", "RUN", "HEALTHCHECK") else None:
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    if not rest:
        raise InvalidValue("Dockerfile", logical, f"line {line}: {keyword} needs an argument")
    return Instruction(keyword, rest, flags, (), line)


def _heredoc(lines: list[str], here: int, name: str, strip_tabs: bool, line: int) -> tuple[str, int]:
    body: list[str] = []
    while here < len(lines):
        text = lines[here].lstrip("\t") if strip_tabs else lines[here]
        here += 1
        if text == name:
            return "".join(f"{part}\n" for part in body), here
        body.append(text)
    raise InvalidValue("Dockerfile", f"<<{name}", f"line {line}: the heredoc has no line {name} to end it")


VARIABLE = re.compile(r"\\(.)|\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})", re.S)


def substitute(text: str, variables: dict[str, str]) -> str:
    """Put values in for ``$name``, ``${name}``, ``${name:-default}`` and ``${name:+other}``; ``\\$`` is a dollar.

    >>> substitute("$a ${b:-none} ${a:+some} \\\\$a", {"a": "1"})
    '1 none some $a'
    """

    def value(match: re.Match[str]) -> str:
        escaped, plain, braced, operator, word = match.groups()
        if escaped is not None:
            return "$" if escaped == "$" else match[0]
        found = variables.get(plain or braced, "")
        if operator == ":-":
            return found or substitute(word, variables)
        if operator == ":+":
            return substitute(word, variables) if found else ""
        return found

    return VARIABLE.sub(value, text)
