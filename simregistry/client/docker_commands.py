"""What ``docker`` says: the workbench's actions in the words of the real tool, as text."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from simregistry.client.build.report import BuildReport
from simregistry.client.client import Client
from simregistry.client.transfer_report import BlobTransfer, PullReport, PushReport
from simregistry.errors import InvalidValue, SimRegistryError, TransferFailed
from simregistry.oci.reference import Reference
from simregistry.table import human

OUTCOMES = {
    "sent": "Pushed",
    "already there": "Layer already exists",
    "fetched": "Pull complete",
    "already here": "Already exists",
}


class UsageError(Exception):
    """A command line that cannot be read; its text is what the tool prints."""


class CommandParser(argparse.ArgumentParser):
    """A parser that says what is wrong instead of ending the kernel."""

    def error(self, message: str) -> NoReturn:
        """Give the message and how the command is used."""
        raise UsageError(f"docker: {message}\n\n{self.format_usage().strip()}\nSee 'docker --help'.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Never end the kernel: ``--help`` was asked for."""
        raise UsageError(message or self.format_help().rstrip())

    def print_help(self, file: Any = None) -> None:
        """Leave the printing to whoever asked."""
        raise UsageError(self.format_help().rstrip())


def _parser(name: str, about: str) -> CommandParser:
    return CommandParser(prog=f"docker {name}", description=about)


def run_docker(client: Client, line: str, names: Mapping[str, Any] | None = None, cell: str | None = None) -> str:
    """Carry out a command line, and give what the tool would print; a refusal is text too.

    >>> print(run_docker(Client(), "pul python").partition(";")[0])
    docker: 'pul' is not a docker command
    """
    words = shlex.split(line)
    if not words or words[0] in ("--help", "-h", "help"):
        return _help()
    command, rest = COMMANDS.get(words[0]), words[1:]
    if command is None:
        known = ", ".join(sorted(COMMANDS))
        return f"docker: '{words[0]}' is not a docker command; there are {known}.\nSee 'docker --help'"
    try:
        return command(client, rest, names or {}, cell)
    except UsageError as usage:
        return str(usage)
    except InvalidValue as error:
        return f"ERROR: {error}"
    except SimRegistryError as error:
        return f"Error response from daemon: {error}"


def _help() -> str:
    lines = (
        f"  {name:<9} {command.__doc__.split('.')[0] if command.__doc__ else ''}"
        for name, command in sorted(COMMANDS.items())
    )
    return "\n".join(
        ["Usage:  docker COMMAND", "", "Commands:", *lines, "", "Run 'docker COMMAND --help' for more on a command."]
    )


def _build(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Build an image from a Dockerfile."""
    parser = _parser("build", "Build an image from a Dockerfile.")
    parser.add_argument("-t", "--tag", required=True, metavar="NAME[:TAG]")
    parser.add_argument("-f", "--file", default="Dockerfile", metavar="PATH")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--target", default="", metavar="STAGE")
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("context", metavar="PATH", help="a folder, or the name of a dict of files in the notebook")
    given = parser.parse_args(words)
    context = _context(given.context, names)
    text = cell if cell is not None else _dockerfile(context, given.file)
    arguments = dict(pair.partition("=")[::2] for pair in given.build_arg)
    report = client.build(given.tag, text, context, build_args=arguments, target=given.target, cache=not given.no_cache)
    return "\n".join(_build_lines(report))


def _context(name: str, names: Mapping[str, Any]) -> Mapping[str, bytes | str] | Path:
    found = names.get(name)
    if isinstance(found, Mapping):
        return found
    if not Path(name).is_dir():
        raise InvalidValue("context", name, "is neither a folder nor the name of a dict in this notebook")
    return Path(name)


def _dockerfile(context: Mapping[str, bytes | str] | Path, name: str) -> str:
    if isinstance(context, Path):
        path = context / name
        if not path.is_file():
            raise InvalidValue("Dockerfile", name, "failed to read dockerfile: no such file")
        return path.read_text("utf-8")
    if name not in context:
        raise InvalidValue(
            "Dockerfile", name, "failed to read dockerfile: the context has none; put one in, or use %%docker"
        )
    content = context[name]
    return content if isinstance(content, str) else content.decode()


def _build_lines(report: BuildReport) -> list[str]:
    shown = [step for step in report.steps if step.layer is not None or step.text.startswith("FROM")]
    lines = []
    for number, step in enumerate(shown, 1):
        cached = "CACHED " if step.cached else ""
        assumed = "  (nothing is run here: its effect is assumed)" if step.assumed else ""
        lines.append(f" => {cached}[{number}/{len(shown)}] {step.text}{assumed}")
    lines += [" => exporting to image", f" => => writing image {report.image_id}"]
    return [*lines, f" => => naming to {report.reference}"]


def _tag(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Give an image one more name."""
    parser = _parser("tag", "Give an image one more name.")
    parser.add_argument("source", metavar="SOURCE_IMAGE[:TAG]")
    parser.add_argument("target", metavar="TARGET_IMAGE[:TAG]")
    given = parser.parse_args(words)
    client.tag(given.source, given.target)
    return ""


def _one_image(name: str, about: str, words: list[str]) -> str:
    parser = _parser(name, about)
    parser.add_argument("image", metavar="NAME[:TAG]")
    return str(parser.parse_args(words).image)


def _push(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Upload an image to a registry."""
    image = _one_image("push", "Upload an image to a registry.", words)
    # Docker's engine asks for each blob, as skopeo does, and says so layer by layer.
    return "\n".join(push_lines(client.push(image, dialect="skopeo"), Reference.parse(image)))


def push_lines(report: PushReport, reference: Reference) -> list[str]:
    """Word a push as Docker does, once all is done."""
    lines = [f"The push refers to repository [{reference.name}]"]
    lines += [f"{layer.digest.short}: {_outcome(layer)}" for layer in reversed(report.layers)]
    return [*lines, f"{reference.tag}: digest: {report.digest} size: {report.blobs[-1].size}"]


def _pull(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Download an image from a registry."""
    image = _one_image("pull", "Download an image from a registry.", words)
    reference = Reference.parse(image)
    untagged = not reference.digest and not image.rpartition("/")[2].count(":")
    first = ["Using default tag: latest"] if untagged else []
    return "\n".join(first + pull_lines(client.pull(image), reference))


def pull_lines(report: PullReport, reference: Reference) -> list[str]:
    """Word a pull as Docker does, once all is done."""
    lines = [f"{reference.tag or reference.digest}: Pulling from {reference.repository}"]
    if report.changed:
        lines += [f"{layer.digest.short}: {_outcome(layer)}" for layer in report.layers]
    lines.append(f"Digest: {report.digest}")
    return [*lines, f"Status: {report.status} for {reference.familiar}", str(reference)]


def _outcome(blob: BlobTransfer) -> str:
    return f"Mounted from {blob.source}" if blob.outcome == "mounted" else OUTCOMES[blob.outcome]


def _images(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """List the local images."""
    _parser("images", "List the local images.").parse_args(words)
    rows = [("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")]
    # There is no clock here, and the builds are dated to the epoch.
    rows += [(str(a), str(b), str(c), "N/A", str(d)) for a, b, c, d in client.images().rows]
    return _columns(rows)


def _history(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Show the steps that made an image."""
    image = _one_image("history", "Show the steps that made an image.", words)
    rows = [("IMAGE", "CREATED", "CREATED BY", "SIZE")]
    for number, (created_by, _, size) in enumerate(client.history(image).rows):
        # Docker prints <missing> for every step but the newest: the steps of an image are no images of their own.
        name = client.manifest(image).config.digest.short if number == 0 else "<missing>"
        text = str(created_by)
        rows.append((name, "N/A", text if len(text) <= 45 else text[:44] + "…", human(int(str(size)))))
    return _columns(rows)


def _inspect(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Show all that is known of an image."""
    image = _one_image("inspect", "Show all that is known of an image.", words)
    return json.dumps([client.inspect(image)], indent=4)


def _rmi(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Remove an image."""
    image = _one_image("rmi", "Remove an image.", words)
    gone = client.remove(image)
    return "\n".join([f"Untagged: {Reference.parse(image).familiar}", *(f"Deleted: {digest}" for digest in gone)])


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("   ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def _login(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Sign in to a registry."""
    parser = _parser("login", "Sign in to a registry.")
    parser.add_argument("-u", "--username", required=True)
    parser.add_argument("-p", "--password", required=True)
    parser.add_argument("server", nargs="?", default="docker.io")
    given = parser.parse_args(words)
    try:
        client.login(given.server, given.username, given.password)
    except TransferFailed:
        place = f"https://{given.server}/v2/"
        return f'Error response from daemon: Get "{place}": unauthorized: incorrect username or password'
    warning = "WARNING! Using --password via the CLI is insecure. Use --password-stdin."
    return f"{warning}\nLogin Succeeded"


def _logout(client: Client, words: list[str], names: Mapping[str, Any], cell: str | None) -> str:
    """Forget the credentials for a registry."""
    parser = _parser("logout", "Forget the credentials for a registry.")
    parser.add_argument("server", nargs="?", default="docker.io")
    server = parser.parse_args(words).server
    client.logout(server)
    return f"Removing login credentials for {server}"


COMMANDS: dict[str, Callable[[Client, list[str], Mapping[str, Any], str | None], str]] = {
    "build": _build,
    "history": _history,
    "images": _images,
    "inspect": _inspect,
    "login": _login,
    "logout": _logout,
    "pull": _pull,
    "push": _push,
    "rmi": _rmi,
    "tag": _tag,
}
