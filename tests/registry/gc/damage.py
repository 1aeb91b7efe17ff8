"""What real storage folders come to hold: each damage is done to a random place of a folder."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path


def one_of(dice: random.Random, storage: Path, pattern: str) -> Path | None:
    """A random file or folder of some kind, the same for the same seed."""
    places = sorted((storage / "docker/registry/v2").glob(pattern))
    return dice.choice(places) if places else None


def blob_gone(dice: random.Random, storage: Path) -> None:
    """A blob is lost with its folder: links and manifests still name it."""
    if place := one_of(dice, storage, "blobs/*/*/*"):
        shutil.rmtree(place)


def blob_emptied(dice: random.Random, storage: Path) -> None:
    """A disk was full: a blob has no bytes."""
    if place := one_of(dice, storage, "blobs/*/*/*/data"):
        place.write_bytes(b"")


def blob_halved(dice: random.Random, storage: Path) -> None:
    """A blob was half written."""
    if place := one_of(dice, storage, "blobs/*/*/*/data"):
        place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])


def data_gone(dice: random.Random, storage: Path) -> None:
    """A blob's file is lost and its folder is there."""
    if place := one_of(dice, storage, "blobs/*/*/*/data"):
        place.unlink()


def link_emptied(dice: random.Random, storage: Path) -> None:
    """A link was made and never written."""
    if place := one_of(dice, storage, "repositories/**/link"):
        place.write_bytes(b"")


def link_of_another(dice: random.Random, storage: Path) -> None:
    """A link says another digest than its place."""
    if (place := one_of(dice, storage, "repositories/**/link")) and (other := one_of(dice, storage, "blobs/*/*/*")):
        place.write_text(f"{other.parent.parent.name}:{other.name}")


def link_gone(dice: random.Random, storage: Path) -> None:
    """A link is lost and its folder is there."""
    if place := one_of(dice, storage, "repositories/**/link"):
        place.unlink()


def current_gone(dice: random.Random, storage: Path) -> None:
    """A tag has lost what it points at."""
    if place := one_of(dice, storage, "repositories/**/current"):
        shutil.rmtree(place)


def tags_gone(dice: random.Random, storage: Path) -> None:
    """Somebody removed the folder of tags by hand."""
    if place := one_of(dice, storage, "repositories/**/tags"):
        shutil.rmtree(place)


def manifests_gone(dice: random.Random, storage: Path) -> None:
    """Somebody removed a repository's manifests by hand."""
    if place := one_of(dice, storage, "repositories/**/_manifests"):
        shutil.rmtree(place)


def layers_gone(dice: random.Random, storage: Path) -> None:
    """Somebody removed a repository's links by hand."""
    if place := one_of(dice, storage, "repositories/**/_layers"):
        shutil.rmtree(place)


def repository_gone(dice: random.Random, storage: Path) -> None:
    """Somebody removed a repository by hand, as many a guide advises."""
    if place := one_of(dice, storage, "repositories/**/_layers"):
        shutil.rmtree(place.parent)


def odd_files(dice: random.Random, storage: Path) -> None:
    """Things that have no business here."""
    root = storage / "docker/registry/v2"
    (root / "blobs" / "README").write_text("hands off")
    (root / "repositories" / "notes.txt").write_text("see the wiki")
    (root / "lost+found").mkdir(exist_ok=True)


def odd_blob(dice: random.Random, storage: Path) -> None:
    """A blob in a place that isn't a digest's."""
    place = storage / "docker/registry/v2/blobs/sha256/ba/backup"
    place.mkdir(parents=True, exist_ok=True)
    (place / "data").write_text("old")


def capital_repository(dice: random.Random, storage: Path) -> None:
    """A repository whose name no client could ask for."""
    if place := one_of(dice, storage, "repositories/**/_layers"):
        shutil.copytree(place.parent, storage / "docker/registry/v2/repositories/Old")


DAMAGES: list[Callable[[random.Random, Path], None]] = [
    blob_gone, blob_emptied, blob_halved, data_gone, link_emptied, link_gone, current_gone, tags_gone,
    manifests_gone, layers_gone, repository_gone, odd_files, odd_blob, capital_repository,
]  # fmt: skip
# What the model passes over and reports, where 2.8.2 takes the one for the other and ends in the middle of deleting.
REPORTED_ALONE = [link_of_another]
