"""Parse Dockerfiles into values, stages of instructions, as BuildKit's front end does (Dockerfile reference).

There are parsers for Python, but they work line by line and know no heredocs. The client also has to run in a browser
with the standard library alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from simregistry.client.build.heredoc_words import HeredocWord, heredoc_words
from simregistry.client.build.instruction_flags import FlagFault, read_flags
from simregistry.errors import InvalidValue

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(\S.*)", re.I)
STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
# The instructions that know the exec form, a list of strings in JSON.
EXEC_FORMS = ("ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME")
WITH_HEREDOCS = ("RUN", "COPY", "ADD")
LEADING_TABS = re.compile(r"^\t+", re.M)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """Lines inside the Dockerfile: a file for COPY and ADD, a script for RUN; if quoted, variables stay as they are."""

    name: str
    content: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword, its flags, the rest of its text, and the number of its line."""

    keyword: str
    args: str
    flags: dict[str, str] = field(default_factory=dict, hash=False)
    heredocs: tuple[Heredoc, ...] = ()
    line: int = 0
    escape: str = "\\"

    def fault(self, rule: str) -> InvalidValue:
        """Make the error that says what is wrong with this instruction, with the number of its line."""
        return InvalidValue("Dockerfile", str(self), f"line {self.line}: {rule}")

    @property
    def json_form(self) -> tuple[str, ...] | None:
        """The words of the exec form, ``["a", "b"]``, or None for the shell form."""
        form = self._json
        is_list_of_strings = isinstance(form, list) and all(isinstance(part, str) for part in form)
        # JSON can write half a character, "\\ud800". Go reads it as the sign for what can't be read.
        return tuple(LONE_SURROGATE.sub("\ufffd", part) for part in form) if is_list_of_strings else None

    @property
    def is_json_list(self) -> bool:
        """Whether the arguments are a list in JSON, of strings or of anything else."""
        return isinstance(self._json, list)

    @property
    def _json(self) -> Any:
        if not self.args.startswith("["):
            return None
        try:
            return json.loads(self.args)
        except (ValueError, RecursionError):
            return None

    def __str__(self) -> str:
        flags = "".join(f"--{name}={value} " if value else f"--{name} " for name, value in self.flags.items())
        return f"{self.keyword} {flags}{self.args}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and the instructions after it; ``name`` is the name that AS gives it, ``origin`` the FROM itself."""

    base: str
    name: str
    platform: str
    instructions: tuple[Instruction, ...]
    origin: Instruction


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The stages, and the ARGs before the first of them, which FROM may use."""

    stages: tuple[Stage, ...]
    global_args: tuple[Instruction, ...] = ()


def parse_dockerfile(text: str) -> Dockerfile:
    """Parse a Dockerfile; raise InvalidValue with the number of the line and what to do.

    >>> parse_dockerfile("FROM scratch\\nCOPY . /app\\n").stages[0].instructions[0].keyword
    'COPY'
    """
    if half := LONE_SURROGATE.search(text):
        line = text.count("\n", 0, half.start()) + 1
        raise InvalidValue("Dockerfile", half[0], f"line {line}: has half a character (a lone surrogate); take it out")
    instructions = _instructions(text)
    if not instructions:
        raise InvalidValue("Dockerfile", text, "has no instruction; begin with FROM")
    first_from = next(
        (i for i, instruction in enumerate(instructions) if instruction.keyword == "FROM"), len(instructions)
    )
    for instruction in instructions[:first_from]:
        if instruction.keyword != "ARG":
            raise instruction.fault("the first instruction must be FROM (or ARG)")
    if first_from == len(instructions):
        raise InvalidValue("Dockerfile", str(instructions[-1]), "has no FROM; write FROM scratch to begin with nothing")
    return Dockerfile(tuple(_stages(instructions[first_from:])), tuple(instructions[:first_from]))


def _stages(instructions: list[Instruction]) -> list[Stage]:
    stages: list[Stage] = []
    bodies: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            stages.append(_stage(instruction))
            bodies.append([])
        else:
            bodies[-1].append(instruction)
    return [replace(stage, instructions=tuple(body)) for stage, body in zip(stages, bodies, strict=True)]


def _stage(instruction: Instruction) -> Stage:
    parts = instruction.args.split()
    name = parts[2].lower() if len(parts) == 3 and parts[1].upper() == "AS" else ""
    if len(parts) != 1 and not name:
        raise instruction.fault("write FROM image, or FROM image AS name")
    if name and not STAGE_NAME.fullmatch(name):
        raise instruction.fault(f"{name!r} isn't a stage name: begin with a letter, go on with letters, digits, _ . -")
    return Stage(parts[0], name, instruction.flags.get("platform", ""), (), instruction)


def _instructions(text: str) -> list[Instruction]:
    """Read the instructions: join continued lines, skip comments, and read the heredocs after their instruction."""
    # Subtle: splitlines() would also cut at form feeds and Unicode separators, which are content here.
    lines = text.removeprefix("\ufeff").split("\n")
    escape = _escape(lines)
    instructions: list[Instruction] = []
    next_line = 0
    while next_line < len(lines):
        start, (logical, next_line) = next_line, _logical_line(lines, next_line, escape)
        if not logical:
            continue
        instruction = _instruction(logical, start + 1, escape)
        instruction, next_line = _with_heredocs(instruction, lines, next_line)
        instructions.append(instruction)
    return instructions


def _escape(lines: list[str]) -> str:
    """Find the escape character: a directive at the top of the file may make it a backtick.

    Dockerfile reference, "Parser directives": "Once a comment, empty line or builder instruction has been processed,
    BuildKit no longer looks for parser directives." An unknown directive is a comment.
    """
    escape, directives = "\\", set[str]()
    for line in lines:
        match = DIRECTIVE.fullmatch(line.strip())
        if not match:
            break
        directive = match[1].lower()
        if directive in directives:
            raise InvalidValue("Dockerfile", line, f"there may be only one {directive} directive; take one out")
        directives.add(directive)
        if directive == "escape":
            if match[2] not in ("\\", "`"):
                raise InvalidValue("Dockerfile", line, "escape must be \\ or `")
            escape = match[2]
    return escape


def _logical_line(lines: list[str], next_line: int, escape: str) -> tuple[str, int]:
    """Join a line with its continuation lines; skip comments and empty lines between them, as Docker does.

    Returns the joined line, "" for a comment or an empty line, and the number of the line after it.
    """
    parts: list[str] = []
    while next_line < len(lines):
        line = lines[next_line]
        next_line += 1
        stripped = line.strip()
        if stripped.startswith("#") or (not stripped and parts):
            if not parts:
                return "", next_line
            continue
        # Subtle: an escape before the escape at the end makes it a plain character, and the line ends there.
        continues = stripped.endswith(escape) and not stripped.endswith(escape * 2)
        parts.append(line.rstrip()[:-1] if continues else line.rstrip())
        if not continues:
            break
    return "".join(parts).strip(), next_line


def _instruction(logical: str, line: int, escape: str) -> Instruction:
    """Read one instruction from a joined line; refuse an unknown keyword, an unknown flag, and a missing argument."""
    keyword, *rest_of_line = logical.split(None, 1)
    args = rest_of_line[0].strip() if rest_of_line else ""
    instruction = Instruction(keyword.upper(), args, line=line, escape=escape)
    if instruction.keyword not in KEYWORDS:
        close = ", ".join(known for known in KEYWORDS if known[:2] == instruction.keyword[:2]) or ", ".join(KEYWORDS)
        raise instruction.fault(f"unknown instruction {instruction.keyword!r}; did you mean {close}?")
    try:
        flags, rest = read_flags(instruction.keyword, args, escape)
    except FlagFault as fault:
        raise instruction.fault(str(fault)) from None
    if not rest:
        raise instruction.fault(f"{instruction.keyword} needs an argument")
    instruction = replace(instruction, args=rest, flags=flags)
    if instruction.keyword in EXEC_FORMS and instruction.is_json_list and instruction.json_form is None:
        raise instruction.fault('the words of the exec form are strings; write ["run", "8080"]')
    return instruction


def _with_heredocs(instruction: Instruction, lines: list[str], next_line: int) -> tuple[Instruction, int]:
    """Read the heredocs after an instruction; return it with them, and the number of the next line."""
    inner = instruction
    if instruction.keyword == "ONBUILD":
        keyword, *rest = instruction.args.split(None, 1)
        inner = replace(instruction, keyword=keyword.upper(), args="".join(rest))
    if inner.keyword not in WITH_HEREDOCS or inner.json_form is not None:
        return instruction, next_line
    heredocs = []
    for word in heredoc_words(inner.args):
        # The child of an image strips the tabs, when its build reads the trigger.
        strips_tabs = word.strips_tabs and inner is instruction
        content, next_line = _heredoc(lines, next_line, word, instruction)
        content = LEADING_TABS.sub("", content) if strips_tabs else content
        heredocs.append(Heredoc(word.name, content, word.quoted))
    return replace(instruction, heredocs=tuple(heredocs)), next_line


def _heredoc(lines: list[str], next_line: int, word: HeredocWord, instruction: Instruction) -> tuple[str, int]:
    """Read the lines of a heredoc up to the line that is its name; return them, and the number of the next line."""
    body: list[str] = []
    while next_line < len(lines):
        text = lines[next_line]
        next_line += 1
        # The content keeps its line ends, those of Windows too; the line that ends it may have any.
        end = text.rstrip("\r")
        if (end.lstrip("\t") if word.strips_tabs else end) == word.name:
            return "".join(f"{part}\n" for part in body), next_line
        body.append(text)
    raise instruction.fault(f"the heredoc has no line {word.name} to end it")
