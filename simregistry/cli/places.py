"""Where images are, as people write it, and `simregistry copy` from one place to another."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from simregistry.connect.docker_archive import DockerArchive, DockerArchiveWriter
from simregistry.connect.images import Source, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import InvalidValue

# A path without one of these is a registry's storage folder.
PLACES = ("oci:", "docker-archive:")


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    copy = commands.add_parser("copy", help="copy an image: oci:DIR[:TAG], docker-archive:FILE[:REFERENCE]")
    copy.add_argument("source", metavar="SRC")
    copy.add_argument("target", metavar="DST")
    copy.set_defaults(run=run_copy)


def open_source(text: str) -> tuple[Source, str]:
    """Open what ``oci:DIR[:TAG]`` or ``docker-archive:FILE[:REFERENCE]`` names; gives it with the name of an image."""
    kind, place, name = split_place(text)
    return (OciLayout(place) if kind == "oci" else DockerArchive(place)), name


def split_place(text: str) -> tuple[str, Path, str]:
    """Split ``kind:place[:name]``; raises InvalidValue saying which kinds there are."""
    kind, _, rest = text.partition(":")
    if not text.startswith(PLACES) or not rest:
        raise InvalidValue("place", text, "write oci:DIR[:TAG] or docker-archive:FILE[:REFERENCE]")
    place, _, name = rest.partition(":")
    return kind, Path(place), name


def run_copy(arguments: argparse.Namespace) -> int:
    """Copy an image with every digest as it is."""
    source, name = open_source(arguments.source)
    kind, place, as_name = split_place(arguments.target)
    if kind == "docker-archive" and place.exists():
        raise InvalidValue("place", arguments.target, "is there already; give a new file")
    target = OciLayout(place) if kind == "oci" else DockerArchiveWriter(place)
    done = copy_image(source, name, target, as_name or None, print_blob if sys.stderr.isatty() else None)
    if isinstance(target, DockerArchiveWriter):
        target.close()
    print(done)
    return 0


def print_blob(name: str, size: int) -> None:
    """Say that a blob was copied."""
    print(f"copied {name} {size:,} bytes", file=sys.stderr, flush=True)
