"""Where images are, as people write it, and `simregistry copy` from one place to another."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from simregistry.connect.docker_archive import DockerArchive, DockerArchiveWriter
from simregistry.connect.images import Source, Target, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote import Remote, RemoteRepository
from simregistry.errors import InvalidValue
from simregistry.oci.reference import Reference

# A path without one of these is a registry's storage folder.
FILES = ("oci:", "docker-archive:")
PLACES = (*FILES, "docker://")


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    copy = commands.add_parser(
        "copy", help="copy an image between oci:DIR[:TAG], docker-archive:FILE[:REF], docker://HOST/NAME[:TAG]"
    )
    copy.add_argument("source", metavar="SRC")
    copy.add_argument("target", metavar="DST")
    copy.set_defaults(run=run_copy)


def open_place(text: str) -> tuple[str, Path, str]:
    """Split ``kind:place[:name]``; raises InvalidValue saying which kinds there are."""
    kind, _, rest = text.partition(":")
    if not text.startswith(FILES) or not rest:
        rule = "write oci:DIR[:TAG], docker-archive:FILE[:REFERENCE] or docker://HOST/NAME[:TAG|@DIGEST]"
        raise InvalidValue("place", text, rule)
    place, _, name = rest.partition(":")
    return kind, Path(place), name


def open_repository(text: str) -> tuple[RemoteRepository, str]:
    """Open what ``docker://HOST/NAME[:TAG|@DIGEST]`` names; gives it with the tag or digest."""
    reference = Reference.parse(text.removeprefix("docker://"))
    return RemoteRepository(Remote(reference.registry), reference.repository), reference.digest or reference.tag


def open_source(text: str) -> tuple[Source, str]:
    """Open a place to read from; gives it with the name of an image."""
    if text.startswith("docker://"):
        return open_repository(text)
    kind, place, name = open_place(text)
    return (OciLayout(place) if kind == "oci" else DockerArchive(place)), name


def open_target(text: str) -> tuple[Target, str]:
    """Open a place to write to; gives it with the name that the image gets."""
    if text.startswith("docker://"):
        return open_repository(text)
    kind, place, name = open_place(text)
    if kind == "docker-archive" and place.exists():
        raise InvalidValue("place", text, "is there already; give a new file")
    return (OciLayout(place) if kind == "oci" else DockerArchiveWriter(place)), name


def run_copy(arguments: argparse.Namespace) -> int:
    """Copy an image with every digest as it is."""
    source, name = open_source(arguments.source)
    target, as_name = open_target(arguments.target)
    done = copy_image(source, name, target, as_name or None, print_blob if sys.stderr.isatty() else None)
    if isinstance(target, DockerArchiveWriter):
        target.close()
    print(done)
    return 0


def print_blob(name: str, size: int) -> None:
    """Say that a blob was copied."""
    print(f"copied {name} {size:,} bytes", file=sys.stderr, flush=True)
