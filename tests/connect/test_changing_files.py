"""Files that change, and files that are broken: a copy never ends with a blob that has other bytes than its name says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from peers import program

from simregistry import Digest, ImageConfig, ImageManifest, cli
from simregistry.connect.copy_image import LocalRepository, Source, copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.loading import load_storage
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.storage_writer import write_storage
from simregistry.errors import DigestMismatch
from simregistry.oci.content import LARGE, digest_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.registry.storage.storage import Storage

LAYER = Changeset.of({"big": bytes(LARGE), "small": "s"}).to_tar()
DESCRIBED = Descriptor.of(LAYER, OCI_LAYER)


def big_layout(place: Path) -> OciLayout:
    """A layout with one image, whose layer is large enough to stay in its file until it is wanted."""
    config = ImageConfig.of([DESCRIBED.digest]).raw
    layout, described = OciLayout(place), Descriptor.of(config, OCI_CONFIG)
    layout.put_blob(DESCRIBED, LAYER)
    layout.put_blob(described, config)
    layout.put_manifest(ImageManifest.of(described, [DESCRIBED]), "v1")
    return layout


def change(file: Path, offset: int = -1) -> None:
    """Change one byte of a file, the last one of the layer's content, and keep its length."""
    with file.open("r+b") as stream:
        stream.seek(offset if offset >= 0 else stream.seek(0, os.SEEK_END) // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))


def to_layout(source: Source, place: Path) -> None:
    """Copy into a layout."""
    copy_image(source, "", OciLayout(place), "v1")


def to_archive(source: Source, place: Path) -> None:
    """Copy into an archive, which is written when it is closed."""
    place.mkdir()
    writer = DockerArchiveWriter(place / "out.tar")
    copy_image(source, "", writer, "web:v1")
    writer.close()


def to_storage(source: Source, place: Path) -> None:
    """Copy into memory, and write that as a storage folder."""
    storage = Storage()
    copy_image(source, "", LocalRepository(storage, "web"), "v1")
    write_storage(storage, place)


TARGETS: dict[str, Callable[[Source, Path], None]] = {
    "layout": to_layout,
    "archive": to_archive,
    "storage folder": to_storage,
}


def blobs_below(place: Path) -> list[str]:
    """All large files below a place: drafts too."""
    return [str(path) for path in place.rglob("*") if path.is_file() and path.stat().st_size >= LARGE]


@pytest.mark.parametrize("write", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("kind", ["layout", "archive"])
def test_a_source_that_changes_while_it_is_copied_is_noticed(tmp_path, monkeypatch, kind, write):
    """A byte changes after each reading of the whole: what was checked once is not what is written then."""
    layout = big_layout(tmp_path / "source")
    file = tmp_path / "source" / "blobs" / "sha256" / DESCRIBED.digest.encoded
    source: Source = layout
    if kind == "archive":
        to_archive(layout, tmp_path / "made")
        file = tmp_path / "made" / "out.tar"
        source = DockerArchive(file)
    blob, keep = type(source).blob, Storage.keep

    def change_after(what: object, size: int) -> object:
        if size >= LARGE:
            change(file)
        return what

    # A registry in memory reads all of it once, when it takes it: there the file changes after that.
    if write is to_storage:
        monkeypatch.setattr(Storage, "keep", lambda *a: change_after(keep(*a), len(a[2])))
    else:
        monkeypatch.setattr(type(source), "blob", lambda self, wanted: change_after(blob(self, wanted), wanted.size))
    with pytest.raises(DigestMismatch):
        write(source, tmp_path / "target")
    assert blobs_below(tmp_path / "target") == []


def test_a_loaded_folder_that_changes_is_not_written_again(tmp_path):
    """Its large blobs stay in it, so what was right when it was loaded may be wrong when it is written."""
    to_storage(big_layout(tmp_path / "source"), tmp_path / "storage")
    storage, faults = load_storage(tmp_path / "storage")
    assert not faults
    (data,) = (path for path in (tmp_path / "storage").rglob("data") if path.stat().st_size >= LARGE)
    change(data)
    with pytest.raises(DigestMismatch):
        write_storage(storage, tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "storage"]


@pytest.mark.parametrize("broken", [b"", b"other bytes", LAYER[:-1], b"x" * len(LAYER)])
def test_a_broken_blob_of_the_target_is_replaced(tmp_path, capsys, broken):
    """After a full disk or a crash a file may have its name and not its bytes; a whole one is not written again."""
    big_layout(tmp_path / "source")
    target = big_layout(tmp_path / "target")
    file = tmp_path / "target" / "blobs" / "sha256" / DESCRIBED.digest.encoded
    file.write_bytes(broken)
    assert not target.has(DESCRIBED.digest)
    assert cli.main(["copy", f"oci:{tmp_path / 'source'}", f"oci:{tmp_path / 'target'}:v1"]) == 0
    assert digest_of(file.read_bytes()) == DESCRIBED.digest and target.has(DESCRIBED.digest)
    # The config was whole: it was there already.
    again = copy_image(OciLayout(tmp_path / "source"), "", OciLayout(tmp_path / "target"))
    assert (again.blobs, again.already) == (0, 2)
    assert not target.has(Digest.of(b"never there"))


def test_what_a_crash_leaves_behind_is_not_among_the_blobs(tmp_path, monkeypatch):
    """umoci takes every file there for a digest and gives up at a draft; in the layout's own folder it doesn't matter."""
    layout = big_layout(tmp_path / "layout")
    # As if the power went: nothing is renamed, and nothing is cleaned up.
    monkeypatch.setattr("simregistry.connect.disk.os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr("simregistry.connect.disk.os.unlink", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        layout.put_blob(Descriptor.of(b"more", OCI_LAYER), b"more")
    monkeypatch.undo()
    (left,) = tmp_path.rglob(".draft-*")
    assert left.parent == tmp_path / "layout"
    assert OciLayout(tmp_path / "layout").names() == ("v1",)
    command = [program("umoci"), "gc", "--layout", str(tmp_path / "layout")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
