"""`simregistry savings`: measure what a store would save on your images if it kept each file, or each chunk, once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from simregistry.cli.copy_command import FILES, STORAGE, open_place
from simregistry.connect.loading import load_storage
from simregistry.errors import InvalidValue
from simregistry.registry.storage.storage import Storage

if TYPE_CHECKING:
    from simregistry.study.chunking.dedup_levels import DedupLevel
    from simregistry.study.chunking.image_versions import Image


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("savings", help="say what keeping layers, files or chunks once saves on your images")
    command.add_argument(
        "places", nargs="+", metavar="PLACE", help="oci:DIR, docker-archive:FILE, or a registry's storage folder"
    )
    command.add_argument("--chunk", type=int, default=4096, metavar="BYTES", help="size of chunks (default: 4096)")
    command.add_argument("--no-gzip", action="store_true", help="leave out the compressed layers, which is faster")
    command.add_argument("--json", action="store_true", help="print one object for a program to read")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Deduplicate all images of all places together, and print what is kept at each level."""
    # Imported here, because these bring NumPy and no other command should wait for it.
    from simregistry.study.chunking import Cutter, FastCdc, dedup_levels, fixed

    ways: dict[str, Cutter] = {
        "fixed chunks": fixed(arguments.chunk),
        "content-defined chunks": FastCdc(arguments.chunk),
    }
    shown = print_layer if sys.stderr.isatty() else None
    result = dedup_levels(_images(arguments.places), ways, compress=not arguments.no_gzip, progress=shown)
    if arguments.json:
        rows = [_row(level, not arguments.no_gzip) for level in (*result.levels, *result.compressed)]
        print(json.dumps({"images": result.images, "asked": result.asked_bytes, "levels": rows}, indent=1))
    else:
        tables = [result.table(compressed=True), *(() if arguments.no_gzip else (result.packed(),))]
        print(*tables, sep="\n\n")
    return 0


def _row(level: DedupLevel, compressed: bool) -> dict[str, object]:
    return {
        "level": level.name, "asked": level.asked_bytes, "kept": level.bytes,
        "kept_compressed": level.packed_bytes if compressed else None,
        "pieces": level.pieces, "index": level.index_bytes, "ratio": level.ratio,
    }  # fmt: skip


def _images(places: list[str]) -> Iterator[Image]:
    from simregistry.study.chunking import images_with_layers

    for text in places:
        yield from images_with_layers(_place(text))


def _place(text: str) -> Path | Storage:
    """Find a place; raise InvalidValue if it is not there, or if only one image of it is named."""
    if text.startswith("docker://"):
        raise InvalidValue("place", text, "is not on this machine; `simregistry copy` it to oci:DIR first")
    if not text.startswith(FILES):
        # What is wrong in a folder is left out, but never silently.
        storage, faults = load_storage(text.removeprefix(STORAGE))
        for fault in faults:
            print(f"note: {fault.place}: {fault.what}", file=sys.stderr)
        return storage
    kind, path, name = open_place(text)
    if name:
        raise InvalidValue("place", text, f"is always read as a whole; write {kind}:{path}")
    if not (path.is_file() if kind == "docker-archive" else (path / "index.json").is_file()):
        raise InvalidValue("place", text, "is not there" if kind == "docker-archive" else "has no index.json")
    return path


def print_layer(name: str, size: int) -> None:
    """Print on stderr which layer was read."""
    print(f"{name}: {size:,} bytes", file=sys.stderr, flush=True)
