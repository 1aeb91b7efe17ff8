"""What each instruction changes in the image's runtime defaults, and how the history words its step.

The wording is BuildKit's, as ``docker history`` shows it: with variables put in, without quotes, and with the words of
``CMD ["python" "app.py"]`` as Go prints a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simregistry.client.build import shell_words
from simregistry.client.build.dockerfile import KEYWORDS, Instruction
from simregistry.client.build.heredoc_words import line_words
from simregistry.errors import InvalidValue
from simregistry.oci.config import Runtime
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.paths import absolute_path

DEFAULT_SHELL = ("/bin/sh", "-c")
# The instructions that change files, one layer each; all others change the config alone.
LAYERED = ("RUN", "COPY", "ADD")
PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?", re.I)
DURATION = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,19})?)(ms|us|ns|h|m|s)")
# Go keeps a time in 64 bits, and a number of retries in 32.
LONGEST_TIME, MOST_RETRIES = 2**63 - 1, 2**31 - 1
NANOSECONDS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@dataclass(frozen=True, slots=True)
class ExpandedInstruction:
    """An instruction, with the values that its variables have at its place."""

    one: Instruction
    variables: Mapping[str, str]

    def word(self, text: str) -> str:
        """Read one word of it."""
        try:
            return shell_words.word(text, self.variables, self.one.escape)
        except InvalidValue as error:
            shown = repr(error.value)
            shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
            raise self.one.fault(f"{error.what} {shown} {error.rule}") from None

    def args(self) -> list[str]:
        """Read its arguments: those of the exec form, or the words between the spaces."""
        form = self.one.json_form
        return self.words(form if form is not None else self.one.args.split())

    def words(self, parts: Iterable[str]) -> list[str]:
        """Read several words. Together they may be as large as a whole config, in which they stand."""
        words, size = [], 0
        for part in parts:
            words.append(self.word(part))
            size += len(words[-1])
            if size > LARGEST_DOCUMENT:
                raise self.one.fault(
                    f"grows to more than {LARGEST_DOCUMENT:,} characters by its variables; no config holds as much"
                )
        return words

    def flag(self, name: str) -> str | None:
        """Read the value of a flag, with its variables put in; return None if it isn't given."""
        return self.word(self.one.flags[name]) if name in self.one.flags else None

    def pairs(self) -> dict[str, str]:
        """Read ``a=b c="d e"``, or the old form ``a b``, which can write one pair only.

        >>> ExpandedInstruction(Instruction("ENV", 'a=$x b="two words"'), {"x": "1 2"}).pairs()
        {'a': '1 2', 'b': 'two words'}
        """
        first, *rest = self.one.args.split(None, 1)
        if "=" not in first:
            if not rest:
                raise self.one.fault(f"{self.one.keyword} needs name=value")
            return {self.word(first): self.word(rest[0])}
        parts = []
        for part in shell_words.split(self.one.args, self.one.escape):
            name, equals, value = part.partition("=")
            if not equals or not name:
                raise self.one.fault(f"{part!r} isn't name=value")
            parts += [name, value]
        words = self.words(parts)
        return dict(zip(words[::2], words[1::2], strict=True))


Change = tuple[Runtime, str]


def environment(runtime: Runtime) -> dict[str, str]:
    """Read the runtime's variables."""
    return dict(text.split("=", 1) for text in runtime.env if "=" in text)


def configured(line: ExpandedInstruction, runtime: Runtime, *, cmd_set: bool) -> tuple[Runtime, str | None]:
    """Carry out an instruction that changes the config alone; return the new defaults, and its line of the history."""
    keyword = line.one.keyword
    after, wording = CHANGES[keyword](line, runtime)
    if keyword == "ENTRYPOINT" and not cmd_set:
        # Dockerfile reference, "Understand how CMD and ENTRYPOINT interact": "If CMD is defined from the base image,
        # setting ENTRYPOINT will reset CMD to an empty value."
        after = replace(after, cmd=())
    # BuildKit writes no history for an ONBUILD: nothing has happened yet.
    return after, None if keyword == "ONBUILD" else f"{keyword} {wording}"


def command(one: Instruction) -> str:
    """Write the command that a RUN hands to its shell, with its heredocs."""
    if not one.heredocs:
        return one.args
    if len(one.heredocs) == 1 and len(line_words(one.args) or ()) == 1:
        return one.heredocs[0].content
    return one.args + "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in one.heredocs)


def run_text(one: Instruction, args: Mapping[str, str], runtime: Runtime) -> str:
    """Word a RUN, with the build arguments that it can see before the command: this is how they enter the cache."""
    visible = [f"|{len(args)}", *(f"{name}={value}" for name, value in args.items())] if args else []
    form = one.json_form if one.json_form is not None else (*(runtime.shell or DEFAULT_SHELL), command(one))
    return f"RUN {' '.join([*visible, *form])} # buildkit"


def copy_text(line: ExpandedInstruction, args: list[str]) -> str:
    """Word a COPY or ADD. BuildKit doesn't say where the files came from (``--from``)."""
    flags = "".join(f"--{name}={line.flag(name)} " for name in ("chown", "chmod") if line.flag(name))
    return f"{line.one.keyword} {flags}{' '.join(args)} # buildkit"


def go_list(parts: tuple[str, ...]) -> str:
    """Print words as Go does: in quotes, with no comma."""
    quoted = (
        part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") for part in parts
    )
    return "[" + " ".join(f'"{part}"' for part in quoted) + "]"


def _env(line: ExpandedInstruction, runtime: Runtime) -> Change:
    pairs = line.pairs()
    merged = environment(runtime) | pairs
    after = replace(runtime, env=tuple(f"{name}={value}" for name, value in merged.items()))
    return after, " ".join(f"{name}={value}" for name, value in pairs.items())


def _label(line: ExpandedInstruction, runtime: Runtime) -> Change:
    pairs = line.pairs()
    after = replace(runtime, labels={**runtime.labels, **pairs})
    return after, " ".join(f"{name}={value}" for name, value in pairs.items())


def _argv(one: Instruction, runtime: Runtime) -> tuple[str, ...]:
    # RUN, CMD and ENTRYPOINT leave variables to the shell that runs them.
    return one.json_form if one.json_form is not None else (*(runtime.shell or DEFAULT_SHELL), one.args)


def _cmd(line: ExpandedInstruction, runtime: Runtime) -> Change:
    argv = _argv(line.one, runtime)
    return replace(runtime, cmd=argv), go_list(argv)


def _entrypoint(line: ExpandedInstruction, runtime: Runtime) -> Change:
    argv = _argv(line.one, runtime)
    return replace(runtime, entrypoint=argv), go_list(argv)


def _user(line: ExpandedInstruction, runtime: Runtime) -> Change:
    user = line.word(line.one.args)
    return replace(runtime, user=user), user


def _stop_signal(line: ExpandedInstruction, runtime: Runtime) -> Change:
    signal = line.word(line.one.args)
    return replace(runtime, stop_signal=signal), signal


def _workdir(line: ExpandedInstruction, runtime: Runtime) -> Change:
    working_dir = "/" + absolute_path(line.word(line.one.args), runtime.working_dir)
    return replace(runtime, working_dir=working_dir), working_dir


def _expose(line: ExpandedInstruction, runtime: Runtime) -> Change:
    ports: set[str] = set()
    for text in (port for arg in line.one.args.split() for port in line.word(arg).split()):
        match = PORT.fullmatch(text)
        if not match or not 0 < int(match[1]) <= int(match[2] or match[1]) <= 65535:
            raise line.one.fault(f"{text!r} isn't a port, such as 8080 or 53/udp")
        numbers = range(int(match[1]), int(match[2] or match[1]) + 1)
        ports.update(f"{number}/{(match[3] or 'tcp').lower()}" for number in numbers)
    after = replace(runtime, exposed_ports=tuple(sorted({*runtime.exposed_ports, *ports})))
    return after, f"map[{' '.join(f'{port}:{{}}' for port in sorted(ports))}]"


def _volume(line: ExpandedInstruction, runtime: Runtime) -> Change:
    volumes = line.args()
    return replace(runtime, volumes=tuple(sorted({*runtime.volumes, *volumes}))), f"[{' '.join(volumes)}]"


def _shell(line: ExpandedInstruction, runtime: Runtime) -> Change:
    form = line.one.json_form
    if not form:
        raise line.one.fault('SHELL needs the exec form, ["/bin/bash", "-c"]')
    return replace(runtime, shell=form), f"[{' '.join(form)}]"


def _onbuild(line: ExpandedInstruction, runtime: Runtime) -> Change:
    one = line.one
    keyword = one.args.split()[0].upper()
    if keyword not in KEYWORDS or keyword in ("ONBUILD", "FROM", "MAINTAINER"):
        raise one.fault(f"ONBUILD cannot keep a {keyword}; it keeps one RUN, COPY, ENV, … for the child's build")
    trigger = one.args + "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in one.heredocs)
    return replace(runtime, on_build=(*runtime.on_build, trigger)), trigger


def _healthcheck(line: ExpandedInstruction, runtime: Runtime) -> Change:
    one, wording = line.one, str(line.one).removeprefix("HEALTHCHECK ")
    if one.args.upper() == "NONE":
        return replace(runtime, healthcheck={"Test": ["NONE"]}), wording
    keyword, *rest = one.args.split(None, 1)
    if keyword.upper() != "CMD" or not rest:
        raise one.fault("write HEALTHCHECK CMD command, or NONE")
    form = replace(one, args=rest[0]).json_form
    check: dict[str, Any] = {"Test": ["CMD", *form] if form else ["CMD-SHELL", rest[0]]}
    for flag, text in one.flags.items():
        check["".join(part.title() for part in flag.split("-"))] = _health_number(one, flag, text)
    return replace(runtime, healthcheck=check), wording


def _health_number(one: Instruction, flag: str, text: str) -> int:
    """Read a number of retries, or a time such as 1m30s in the nanoseconds that the config keeps."""
    if flag == "retries":
        if not re.fullmatch("[0-9]{1,10}", text) or int(text) > MOST_RETRIES:
            raise one.fault(f"--retries takes a number from 0 to {MOST_RETRIES:,}")
        return int(text)
    parts = DURATION.findall(text)
    time = sum(round(float(number) * NANOSECONDS[unit]) for number, unit in parts)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise one.fault(f"--{flag} takes a time, such as 30s or 1m30s")
    if time > LONGEST_TIME:
        raise one.fault(f"--{flag} takes a time of at most 292 years: Go counts nanoseconds in 64 bits")
    return time


CHANGES: dict[str, Callable[[ExpandedInstruction, Runtime], Change]] = {
    "ENV": _env,
    "LABEL": _label,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "USER": _user,
    "STOPSIGNAL": _stop_signal,
    "ONBUILD": _onbuild,
    "WORKDIR": _workdir,
    "EXPOSE": _expose,
    "VOLUME": _volume,
    "SHELL": _shell,
    "HEALTHCHECK": _healthcheck,
    # MAINTAINER changes the config's author and no runtime default. ARG is missing: it lasts for the build alone.
    "MAINTAINER": lambda line, runtime: (runtime, line.one.args),
}
