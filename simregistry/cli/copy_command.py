"""Where images are, as people write it, and `simregistry copy` from one place to another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from simregistry.connect.copy_image import LocalRepository, Source, Target, copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.docker_login import signed_remote
from simregistry.connect.loading import load_storage
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.connect.storage_writer import write_storage
from simregistry.errors import InvalidValue
from simregistry.oci.reference import Reference
from simregistry.registry.storage.storage import Storage

# A path without one of these is a registry's storage folder.
FILES = ("oci:", "docker-archive:")
PLACES = (*FILES, "docker://")
STORAGE = "storage:"
RULE = (
    "write oci:DIR[:TAG], docker-archive:FILE[:REFERENCE], storage:DIR:NAME[:TAG] or docker://HOST/NAME[:TAG|@DIGEST]"
)


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    copy = commands.add_parser(
        "copy",
        help="copy an image between oci:DIR[:TAG], docker-archive:FILE[:REF], storage:DIR:NAME[:TAG], "
        "docker://HOST/NAME[:TAG]",
    )
    copy.add_argument("--referrers", action="store_true", help="and what refers to it: signatures, bills of materials")
    copy.add_argument("source", metavar="SRC")
    copy.add_argument("target", metavar="DST")
    copy.set_defaults(run=run_copy)


def open_place(text: str) -> tuple[str, Path, str]:
    """Split ``kind:place[:name]``; raises InvalidValue saying which kinds there are."""
    kind, _, rest = text.partition(":")
    if not text.startswith(FILES) or not rest:
        raise InvalidValue("place", text, RULE)
    place, _, name = rest.partition(":")
    return kind, Path(place), name


def open_repository(text: str) -> tuple[RemoteRepository, str]:
    """Open what ``docker://HOST/NAME[:TAG|@DIGEST]`` names; return it with the tag or digest."""
    reference = Reference.parse(text.removeprefix("docker://"))
    return RemoteRepository(signed_remote(reference.registry), reference.repository), reference.digest or reference.tag


def split_storage(text: str) -> tuple[Path, str, str]:
    """Split ``storage:DIR:NAME[:TAG]`` into the folder, the repository and the tag, "" where there is none."""
    folder, _, rest = text.removeprefix(STORAGE).partition(":")
    name, _, tag = rest.partition(":")
    if not folder or not name:
        raise InvalidValue("place", text, RULE)
    return Path(folder), name, tag


def open_source(text: str) -> tuple[Source, str]:
    """Open a place to read from; return it with the name of an image."""
    if text.startswith("docker://"):
        return open_repository(text)
    if text.startswith(STORAGE):
        folder, repository, tag = split_storage(text)
        storage, faults = load_storage(folder)
        for fault in faults:
            print(f"note: {fault.place}: {fault.what}", file=sys.stderr)
        return LocalRepository(storage, repository), tag
    kind, place, name = open_place(text)
    return (OciLayout(place) if kind == "oci" else DockerArchive(place)), name


def open_target(text: str) -> tuple[Target, str, Callable[[], object]]:
    """Open a place to write to; return it with the image's new name, and what to call when all is there."""
    if text.startswith("docker://"):
        return *open_repository(text), lambda: None
    if text.startswith(STORAGE):
        folder, repository, tag = split_storage(text)
        if folder.exists():
            raise InvalidValue("place", text, "is there already; give a new folder")
        storage = Storage()
        return LocalRepository(storage, repository), tag or "latest", lambda: write_storage(storage, folder)
    kind, place, name = open_place(text)
    if kind == "oci":
        return OciLayout(place), name, lambda: None
    if place.exists():
        raise InvalidValue("place", text, "is there already; give a new file")
    archive = DockerArchiveWriter(place)
    return archive, name, archive.close


def run_copy(arguments: argparse.Namespace) -> int:
    """Copy an image, and keep every digest as it is."""
    source, name = open_source(arguments.source)
    target, as_name, finish = open_target(arguments.target)
    shown = print_blob if sys.stderr.isatty() else None
    done = copy_image(source, name, target, as_name or None, shown, referrers=arguments.referrers)
    finish()
    print(done)
    return 0


def print_blob(name: str, size: int) -> None:
    """Say that a blob was copied."""
    print(f"copied {name} {size:,} bytes", file=sys.stderr, flush=True)
