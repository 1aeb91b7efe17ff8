"""The ``docker`` command line: read a command's words, let a client act on them, and word what happened.

The three steps are separate. ``%docker`` takes all of them. Levels and exercises read and act in the same way, but
they say other sentences, and a level has a ``build`` of its own.
"""

from __future__ import annotations

import argparse
import shlex
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from simregistry.client import docker_wording
from simregistry.client.build.report import BuildReport
from simregistry.client.client import Client
from simregistry.client.transfer_report import PushReport
from simregistry.errors import InvalidValue, SimRegistryError, TransferFailed


class UsageError(Exception):
    """A command line that cannot be read; its text is what the tool prints."""


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError where argparse would end the kernel."""

    def error(self, message: str) -> NoReturn:
        """Raise the message, with how the command is used."""
        raise UsageError(f"docker: {message}\n\n{self.format_usage().strip()}\nSee 'docker --help'.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise the help: argparse gets here after ``--help``."""
        raise UsageError(message or self.format_help().rstrip())

    def print_help(self, file: Any = None) -> None:
        """Raise the help, so that the caller prints it."""
        raise UsageError(self.format_help().rstrip())


# The names of one argument and its options, as ``add_argument`` takes them.
Argument = tuple[tuple[str, ...], dict[str, Any]]


def argument(*names: str, **options: Any) -> Argument:
    """Describe one argument of a command.

    >>> argument("image", metavar="NAME[:TAG]")
    (('image',), {'metavar': 'NAME[:TAG]'})
    """
    return names, options


def docker_parser(name: str, about: str, *arguments: Argument) -> CommandParser:
    """Make the parser of one command.

    >>> docker_parser("pull", "Download an image.", argument("image")).parse_args(["python"]).image
    'python'
    """
    parser = CommandParser(prog=f"docker {name}", description=about)
    for names, options in arguments:
        parser.add_argument(*names, **options)
    return parser


# How a command's result is written: from the client, the arguments, and what the action reported.
Wording = Callable[[Client, Namespace, Any], str]


@dataclass(frozen=True, slots=True)
class DockerCommand:
    """One command: ``parser`` reads its words, ``act`` does it on a client, ``word`` writes what the tool prints.

    >>> COMMANDS["images"].run(Client(), [])
    'REPOSITORY   TAG   IMAGE ID   CREATED   SIZE'
    """

    parser: CommandParser
    act: Callable[[Client, Namespace], Any]
    word: Wording

    def read(self, words: Sequence[str]) -> Namespace:
        """Read the words after the command's name; raises UsageError."""
        return self.parser.parse_args(words)

    def run(self, client: Client, words: Sequence[str]) -> str:
        """Read, act and word; raises UsageError, and SimRegistryError for what the client cannot do."""
        arguments = self.read(words)
        return self.word(client, arguments, self.act(client, arguments))


def run_docker(client: Client, line: str, names: Mapping[str, Any] | None = None, cell: str | None = None) -> str:
    """Carry out a command line and return what the tool would print; a refusal is text too.

    ``names`` are the variables of a notebook, where a build looks for its context; ``cell`` is a Dockerfile.

    >>> print(run_docker(Client(), "pul python").partition(";")[0])
    docker: 'pul' is not a docker command
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        return f"docker: {error}; begin and end a word that has spaces with the same quotation mark"
    if not words or words[0] in ("--help", "-h", "help"):
        return _help()
    if words[0] not in COMMANDS:
        known = ", ".join(sorted(COMMANDS))
        return f"docker: '{words[0]}' is not a docker command; there are {known}.\nSee 'docker --help'"
    command = COMMANDS[words[0]]
    if words[0] == "build":
        command = replace(command, act=partial(_build, names=names or {}, cell=cell))
    try:
        return command.run(client, words[1:])
    except UsageError as usage:
        return str(usage)
    except InvalidValue as error:
        return f"ERROR: {error}"
    except SimRegistryError as error:
        return f"Error response from daemon: {error}"


def _help() -> str:
    about = {name: str(command.parser.description).removesuffix(".") for name, command in COMMANDS.items()}
    lines = (f"  {name:<9} {about[name]}" for name in sorted(about))
    return "\n".join(
        ["Usage:  docker COMMAND", "", "Commands:", *lines, "", "Run 'docker COMMAND --help' for more on a command."]
    )


def _build(client: Client, arguments: Namespace, *, names: Mapping[str, Any], cell: str | None) -> BuildReport:
    context = _context(arguments.context, names)
    dockerfile = cell if cell is not None else _dockerfile(context, arguments.file)
    return client.build(
        arguments.tag,
        dockerfile,
        context,
        build_args=dict(pair.partition("=")[::2] for pair in arguments.build_arg),
        target=arguments.target,
        cache=not arguments.no_cache,
        dockerfile_name=arguments.file,
    )


def _context(name: str, names: Mapping[str, Any]) -> Mapping[str, bytes | str] | Path:
    files = names.get(name)
    if isinstance(files, Mapping):
        return files
    if not Path(name).is_dir():
        raise InvalidValue("context", name, "is neither a folder nor the name of a dict in this notebook")
    return Path(name)


def _dockerfile(context: Mapping[str, bytes | str] | Path, name: str) -> str:
    if isinstance(context, Path):
        path = context / name
        if not path.is_file():
            raise InvalidValue("Dockerfile", name, "failed to read dockerfile: no such file")
        return path.read_text("utf-8", "replace")
    if name not in context:
        raise InvalidValue(
            "Dockerfile", name, "failed to read dockerfile: the context has none; put one in, or use %%docker"
        )
    content = context[name]
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def _push(client: Client, arguments: Namespace) -> PushReport:
    # Docker's engine asks for each blob, as skopeo does, and says so layer by layer.
    return client.push(arguments.image, "skopeo")


def _login(client: Client, arguments: Namespace) -> bool:
    try:
        client.login(arguments.server, arguments.username, arguments.password)
    except TransferFailed:
        return False
    return True


IMAGE = argument("image", metavar="NAME[:TAG]")
SERVER = argument("server", nargs="?", default="docker.io")
COMMANDS = {
    "build": DockerCommand(
        docker_parser(
            "build", "Build an image from a Dockerfile.",
            argument("-t", "--tag", required=True, metavar="NAME[:TAG]"),
            argument("-f", "--file", default="Dockerfile", metavar="PATH"),
            argument("--build-arg", action="append", default=[], metavar="NAME=VALUE"),
            argument("--target", default="", metavar="STAGE"),
            argument("--no-cache", action="store_true"),
            argument("context", metavar="PATH", help="a folder, or the name of a dict of files in the notebook"),
        ),
        partial(_build, names={}, cell=None), docker_wording.build_text,
    ),
    "history": DockerCommand(
        docker_parser("history", "Show the steps that made an image.", IMAGE),
        lambda client, arguments: client.history(arguments.image), docker_wording.history_text,
    ),
    "images": DockerCommand(
        docker_parser("images", "List the local images."),
        lambda client, arguments: client.images(), docker_wording.images_text,
    ),
    "inspect": DockerCommand(
        docker_parser("inspect", "Show all that is known of an image.", IMAGE),
        lambda client, arguments: client.inspect(arguments.image), docker_wording.inspect_text,
    ),
    "login": DockerCommand(
        docker_parser(
            "login", "Sign in to a registry.",
            argument("-u", "--username", required=True), argument("-p", "--password", required=True), SERVER,
        ),
        _login, docker_wording.login_text,
    ),
    "logout": DockerCommand(
        docker_parser("logout", "Forget the credentials for a registry.", SERVER),
        lambda client, arguments: client.logout(arguments.server), docker_wording.logout_text,
    ),
    "pull": DockerCommand(
        docker_parser("pull", "Download an image from a registry.", IMAGE),
        lambda client, arguments: client.pull(arguments.image), docker_wording.pull_text,
    ),
    "push": DockerCommand(
        docker_parser("push", "Upload an image to a registry.", IMAGE), _push, docker_wording.push_text
    ),
    "rmi": DockerCommand(
        docker_parser("rmi", "Remove an image.", IMAGE),
        lambda client, arguments: client.remove(arguments.image), docker_wording.rmi_text,
    ),
    "tag": DockerCommand(
        docker_parser(
            "tag", "Give an image one more name.",
            argument("source", metavar="SOURCE_IMAGE[:TAG]"), argument("target", metavar="TARGET_IMAGE[:TAG]"),
        ),
        lambda client, arguments: client.tag(arguments.source, arguments.target), docker_wording.no_text,
    ),
}  # fmt: skip
