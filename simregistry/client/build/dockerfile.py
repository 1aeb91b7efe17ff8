"""Dockerfiles as values: stages of instructions, parsed as BuildKit's front end does (Dockerfile reference).

The parsers to be had for Python work line by line and know no heredocs, and the workbench needs the standard library
alone, so that it runs in a browser: hence this one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace

from simregistry.client.build import shell_words
from simregistry.errors import InvalidValue

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
# The flags that mean something here; another one is refused, as it would be ignored in silence.
FLAGS = {
    "FROM": ("platform",),
    "RUN": ("mount", "network", "security"),
    "COPY": ("from", "chown", "chmod", "link"),
    "ADD": ("chown", "chmod", "link"),
    "HEALTHCHECK": ("interval", "timeout", "start-period", "start-interval", "retries"),
}
# A heredoc is a word of its own: <<EOF, <<-EOF, <<"EOF". A <<< or a $((1<<n)) of the shell is none.
HEREDOC = re.compile(r"\d*<<(-?)(['\"]?)([A-Za-z0-9_.]+)\2")
DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(.+?)\s*", re.I)
FLAG = re.compile(r"--([A-Za-z-]+)(?:=(\S*))?(?:\s+|$)")
STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
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
    escape: str = "\\"

    def fault(self, rule: str) -> InvalidValue:
        """Make the error that says what is wrong with this line, and where it stands."""
        return InvalidValue("Dockerfile", str(self), f"line {self.line}: {rule}")

    @property
    def json_form(self) -> tuple[str, ...] | None:
        """The words of the exec form, ``["a", "b"]``; None for the shell form."""
        if not self.args.startswith("["):
            return None
        try:
            form = json.loads(self.args)
        except (ValueError, RecursionError):
            return None
        fine = isinstance(form, list) and all(isinstance(part, str) for part in form)
        return tuple(form) if fine else None

    def __str__(self) -> str:
        flags = "".join(f"--{name}={value} " if value else f"--{name} " for name, value in self.flags.items())
        return f"{self.keyword} {flags}{self.args}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what follows it; ``name`` is what AS called it, ``origin`` the FROM itself."""

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
    """Read a Dockerfile, or raise InvalidValue naming the line and what to do.

    >>> parse_dockerfile("FROM scratch\\nCOPY . /app\\n").stages[0].instructions[0].keyword
    'COPY'
    """
    instructions = _instructions(text)
    if not instructions:
        raise InvalidValue("Dockerfile", text, "has no instruction; begin with FROM")
    first_from = next((i for i, one in enumerate(instructions) if one.keyword == "FROM"), len(instructions))
    for one in instructions[:first_from]:
        if one.keyword != "ARG":
            raise one.fault("the first instruction must be FROM (or ARG)")
    if first_from == len(instructions):
        raise InvalidValue("Dockerfile", str(instructions[-1]), "has no FROM; write FROM scratch to begin with nothing")
    return Dockerfile(tuple(_stages(instructions[first_from:])), tuple(instructions[:first_from]))


def _stages(instructions: list[Instruction]) -> list[Stage]:
    stages: list[Stage] = []
    for one in instructions:
        if one.keyword == "FROM":
            stages.append(_stage(one))
        else:
            stages[-1] = replace(stages[-1], instructions=(*stages[-1].instructions, one))
    return stages


def _stage(one: Instruction) -> Stage:
    parts = one.args.split()
    name = parts[2].lower() if len(parts) == 3 and parts[1].upper() == "AS" else ""
    if len(parts) != 1 and not name:
        raise one.fault("write FROM image, or FROM image AS name")
    if name and not STAGE_NAME.fullmatch(name):
        raise one.fault(f"{name!r} is no stage name: begin with a letter, go on with letters, digits, _ . -")
    return Stage(parts[0], name, one.flags.get("platform", ""), (), one)


def _instructions(text: str) -> list[Instruction]:
    """Put continued lines together, leave comments out, and take heredocs in."""
    # Not splitlines(): that cuts at form feeds and Unicode separators too, which are content here.
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    escape = _escape(lines)
    found: list[Instruction] = []
    here = 0
    while here < len(lines):
        start, (logical, here) = here, _logical_line(lines, here, escape)
        if not logical:
            continue
        one = _instruction(logical, start + 1, escape)
        heredocs: list[Heredoc] = []
        for match in _heredoc_words(one):
            content, here = _heredoc(lines, here, match[3], bool(match[1]), one)
            heredocs.append(Heredoc(match[3], content, bool(match[2])))
        found.append(replace(one, heredocs=tuple(heredocs)))
    return found


def _escape(lines: list[str]) -> str:
    """Find the escape character: a directive before anything else may make it a backtick.

    Dockerfile reference, "Parser directives": "Once a comment, empty line or builder instruction has been processed,
    BuildKit no longer looks for parser directives." What it does not know is a comment to it.
    """
    for line in lines:
        match = DIRECTIVE.fullmatch(line.strip())
        if not match:
            break
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
        # Subtle: an escaped escape at the end is a character, not a line that goes on.
        goes_on = bare.endswith(escape) and not bare.endswith(escape * 2)
        parts.append(line.rstrip()[:-1] if goes_on else line.rstrip())
        if not goes_on:
            break
    return "".join(parts).strip(), here


def _instruction(logical: str, line: int, escape: str) -> Instruction:
    first, *more = logical.split(None, 1)
    one = Instruction(first.upper(), more[0].strip() if more else "", line=line, escape=escape)
    if one.keyword not in KEYWORDS:
        close = ", ".join(known for known in KEYWORDS if known[:2] == one.keyword[:2]) or ", ".join(KEYWORDS)
        raise one.fault(f"unknown instruction {one.keyword!r}; did you mean {close}?")
    flags, rest = _flags(one)
    if not rest:
        raise one.fault(f"{one.keyword} needs an argument")
    return replace(one, args=rest, flags=flags)


def _flags(one: Instruction) -> tuple[dict[str, str], str]:
    known, rest = FLAGS.get(one.keyword, ()), one.args
    flags: dict[str, str] = {}
    while known and (match := FLAG.match(rest)):
        name, value = match[1], match[2] or ""
        if name not in known:
            raise one.fault(f"--{name} means nothing here; {one.keyword} takes {', '.join(f'--{n}' for n in known)}")
        if name in flags and name != "mount":
            raise one.fault(f"--{name} is given twice")
        # A RUN may have several mounts: they are kept as they are written, one after the other.
        flags[name] = f"{flags[name]} --{name}={value}" if name in flags else value
        rest = rest[match.end() :]
    return flags, rest


def _heredoc_words(one: Instruction) -> list[re.Match[str]]:
    if one.keyword not in WITH_HEREDOCS or one.json_form is not None:
        return []
    found = (HEREDOC.fullmatch(part) for part in shell_words.split(one.args, one.escape))
    return [match for match in found if match]


def _heredoc(lines: list[str], here: int, name: str, strip_tabs: bool, one: Instruction) -> tuple[str, int]:
    body: list[str] = []
    while here < len(lines):
        text = lines[here].lstrip("\t") if strip_tabs else lines[here]
        here += 1
        if text == name:
            return "".join(f"{part}\n" for part in body), here
        body.append(text)
    raise one.fault(f"the heredoc has no line {name} to end it")
