"""What each instruction does to the image's runtime defaults, and how its step is named in the history."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace

from simregistry.client.dockerfile import Instruction, substitute
from simregistry.errors import InvalidValue
from simregistry.oci.config import Runtime

DEFAULT_SHELL = ("/bin/sh", "-c")
# The instructions that change files, one layer each; all others change the config alone.
LAYERED = ("RUN", "COPY", "ADD")


def expanded(one: Instruction, variables: dict[str, str]) -> str:
    """Give an instruction's text with its variables put in, where the Dockerfile reference says they are.

    RUN, CMD and ENTRYPOINT leave variables to the shell that runs them.
    """
    if one.keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL", "ONBUILD", "HEALTHCHECK"):
        return one.args
    return substitute(one.args, variables)


def configured(one: Instruction, args: str, runtime: Runtime, inherited_cmd: bool) -> Runtime:
    """Give the runtime defaults after an instruction that changes the config alone."""
    change = CHANGES.get(one.keyword)
    if change is None:
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {one.keyword} cannot stand here")
    after = change(one, args, runtime)
    if one.keyword == "ENTRYPOINT" and inherited_cmd:
        # Dockerfile reference, "Understand how CMD and ENTRYPOINT interact": "If CMD is defined from the base image,
        # setting ENTRYPOINT will reset CMD to an empty value."
        return replace(after, cmd=())
    return after


def pairs(one: Instruction, args: str) -> dict[str, str]:
    """Read ``a=b c="d e"``, or the old form ``a b``, which knows one pair.

    >>> pairs(Instruction("ENV", ""), 'a=1 b="two words"')
    {'a': '1', 'b': 'two words'}
    """
    first = args.split(None, 1)
    if "=" not in first[0]:
        if len(first) == 1:
            raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {one.keyword} needs name=value")
        return {first[0]: first[1]}
    found = {}
    for word in _words(one, args):
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {word!r} is no name=value")
        found[name] = value
    return found


def _words(one: Instruction, args: str) -> list[str]:
    try:
        return shlex.split(args)
    except ValueError as error:
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {error}") from None


def environment(runtime: Runtime) -> dict[str, str]:
    """Read the runtime's variables."""
    return dict(text.split("=", 1) for text in runtime.env if "=" in text)


def _env(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    merged = environment(runtime) | pairs(one, args)
    return replace(runtime, env=tuple(f"{name}={value}" for name, value in merged.items()))


def _command(one: Instruction, args: str, runtime: Runtime) -> tuple[str, ...]:
    form = replace(one, args=args).json_form
    return form if form is not None else (*(runtime.shell or DEFAULT_SHELL), args)


def _workdir(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    parts = [] if args.startswith("/") else [part for part in runtime.working_dir.split("/") if part]
    for part in args.strip("\"'").split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in ("", ".") else parts
    return replace(runtime, working_dir="/" + "/".join(parts))


def _expose(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    ports = []
    for word in args.split():
        if not re.fullmatch(r"\d{1,5}(-\d{1,5})?(/(tcp|udp|sctp))?", word):
            raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {word!r} is no port, such as 8080 or 53/udp")
        ports.append(word if "/" in word else f"{word}/tcp")
    return replace(runtime, exposed_ports=tuple(sorted({*runtime.exposed_ports, *ports})))


def _volume(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    words = replace(one, args=args).json_form or tuple(args.split())
    return replace(runtime, volumes=tuple(sorted({*runtime.volumes, *words})))


def _shell(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    form = one.json_form
    if not form:
        raise InvalidValue("Dockerfile", str(one), f'line {one.line}: SHELL needs the exec form, ["/bin/bash", "-c"]')
    return replace(runtime, shell=form)


def _healthcheck(one: Instruction, args: str, runtime: Runtime) -> Runtime:
    if args.upper() == "NONE":
        return replace(runtime, healthcheck={"Test": ["NONE"]})
    keyword, _, rest = args.partition(" ")
    if keyword.upper() != "CMD" or not rest:
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: write HEALTHCHECK CMD command, or NONE")
    form = replace(one, args=rest.strip()).json_form
    return replace(runtime, healthcheck={"Test": ["CMD", *form] if form else ["CMD-SHELL", rest.strip()]})


CHANGES: dict[str, Callable[[Instruction, str, Runtime], Runtime]] = {
    "ENV": _env,
    "ARG": lambda one, args, runtime: runtime,
    "LABEL": lambda one, args, runtime: replace(runtime, labels={**runtime.labels, **pairs(one, args)}),
    "MAINTAINER": lambda one, args, runtime: replace(runtime, labels={**runtime.labels, "maintainer": args}),
    "CMD": lambda one, args, runtime: replace(runtime, cmd=_command(one, args, runtime)),
    "ENTRYPOINT": lambda one, args, runtime: replace(runtime, entrypoint=_command(one, args, runtime)),
    "USER": lambda one, args, runtime: replace(runtime, user=args),
    "STOPSIGNAL": lambda one, args, runtime: replace(runtime, stop_signal=args),
    "ONBUILD": lambda one, args, runtime: replace(runtime, on_build=(*runtime.on_build, args)),
    "WORKDIR": _workdir,
    "EXPOSE": _expose,
    "VOLUME": _volume,
    "SHELL": _shell,
    "HEALTHCHECK": _healthcheck,
}


def created_by(one: Instruction, args: str, runtime: Runtime) -> str:
    """Word a step for the history as BuildKit does."""
    if one.keyword == "RUN":
        form = replace(one, args=args).json_form
        return f"RUN {' '.join(form or (*(runtime.shell or DEFAULT_SHELL), args))} # buildkit"
    if one.keyword in ("COPY", "ADD"):
        flags = "".join(f"--{name}={value} " for name, value in one.flags.items() if name != "link")
        return f"{one.keyword} {flags}{args} # buildkit"
    if one.keyword in ("CMD", "ENTRYPOINT"):
        return f"{one.keyword} {json.dumps(list(_command(one, args, runtime)))}"
    if one.keyword == "WORKDIR":
        return f"WORKDIR {_workdir(one, args, runtime).working_dir}"
    return f"{one.keyword} {args}"
