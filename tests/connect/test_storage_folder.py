"""A storage folder is read as it is, whatever lies in it, and a simulated registry is written as the real one would."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from damage import DAMAGES, REPORTED_ALONE
from peers import DockerRegistry, program
from web_shop import shop_with_index

from simregistry import Digest, ImageManifest, Registry, Request
from simregistry.connect.loading import load_storage
from simregistry.connect.storage_folder import NotAStorageFolder, find_root, read_storage
from simregistry.connect.storage_writer import FolderNotEmpty, write_storage
from simregistry.errors import ContentUnavailable
from simregistry.oci.content import Nominal
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.storage.storage import Storage
from simregistry.study.examples.small_images import SmallImage, push_small


@pytest.fixture
def registry() -> Registry:
    """Two versions of the web app, one of them untagged since, an index, and a repository that never had a tag."""
    registry, _ = shop_with_index("v1", "v2")
    assert registry.handle(Request("DELETE", "/v2/web/manifests/v1")).status == 202
    push_small(registry, "team/bare", None, SmallImage.of_bytes([], b"{}"))
    return registry


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_read_back(registry, tmp_path):
    """Blobs, repositories, manifests, tags and links: the inventory of the folder is that of the registry."""
    assert read_storage(write_storage(registry.storage, tmp_path / "storage")) == take_inventory(registry.storage)


def test_a_blob_named_by_sha512_is_written_and_read(tmp_path):
    """Both registered algorithms have their folder."""
    storage = Storage()
    storage.keep("app", b"layer", Digest.of(b"layer", "sha512"))
    found = read_storage(write_storage(storage, tmp_path / "storage"))
    assert found.blobs == {Digest.of(b"layer", "sha512"): 5} and not found.all_faults()


def test_reading_changes_nothing(registry, tmp_path):
    """Strictly reading: not a byte and not a time."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    read_storage(folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("place", ["storage", "storage/docker/registry/v2", "storage/docker/registry"])
def test_the_folder_is_found_from_its_root_or_from_inside(registry, tmp_path, place):
    """People give the root directory, or the folder that they see."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    assert find_root(tmp_path / place) == folder / "docker/registry/v2"


@pytest.mark.parametrize("place", ["nowhere", ".", "file"])
def test_a_path_without_a_storage_is_refused_with_what_to_give(tmp_path, place):
    """And nothing is made there."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAStorageFolder, match="rootdirectory"):
        read_storage(tmp_path / place)


@pytest.mark.parametrize("damage", [*DAMAGES, *REPORTED_ALONE], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_folder_is_read_and_the_damage_is_reported(registry, tmp_path, damage, seed):
    """Never fatal, never silent: either a fault is noted, or the damage took away a thing whole."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    before, files = read_storage(folder), everything(folder)
    damage(random.Random(seed), folder)
    after, left = read_storage(folder), everything(folder)
    changed = {name for name in files.keys() | left.keys() if files.get(name) != left.get(name)}
    history = all("/index/" in name for name in changed)  # what a tag pointed at before: no collector reads it
    assert after.all_faults() or after != before or history


def test_a_manifest_of_the_folder_is_not_trusted(registry, tmp_path):
    """An image that is an index too, a list where an object should be, a digest that is none: noted, not followed."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    digest = registry.image("web:v2").digest
    data = folder / "docker/registry/v2/blobs/sha256" / digest.encoded[:2] / digest.encoded / "data"
    for hostile in (
        {"schemaVersion": 2, "config": {"digest": str(digest)}, "layers": [], "manifests": []},
        {"schemaVersion": 2, "layers": {}},
        {"schemaVersion": 2, "config": {"digest": "sha256:../../../etc/passwd"}, "layers": []},
        [1],
        {"schemaVersion": 7},
    ):
        data.write_text(json.dumps(hostile))
        assert list(read_storage(folder).unreadable) == [digest]
    data.write_text("[" * 100_000)
    assert list(read_storage(folder).unreadable) == [digest]


def test_a_folder_in_use_is_not_written_over(registry, tmp_path):
    """And what is in it stays."""
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "mine").write_text("keep")
    with pytest.raises(FolderNotEmpty, match="new folder"):
        write_storage(registry.storage, tmp_path / "storage")
    assert everything(tmp_path) == {"storage/mine": b"keep"}


def test_a_nominal_blob_cannot_be_written_and_nothing_is_left_half_done(tmp_path):
    """Its bytes are not here; the folder is not there either."""
    storage = Storage()
    storage.keep("app", b"bytes", Digest.of(b"bytes"))
    storage.keep("app", Nominal(Digest.of(b"elsewhere"), 9), Digest.of(b"elsewhere"))
    with pytest.raises(ContentUnavailable):
        write_storage(storage, tmp_path / "storage")
    assert list(tmp_path.iterdir()) == []


def test_the_real_registry_serves_it_and_skopeo_pulls_every_digest(registry, tmp_path):
    """A simulated registry becomes a real one: the same tags, manifests and layers, byte by byte."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    with DockerRegistry(folder) as served:
        for image in registry.images():
            status, headers, raw = served.send(
                "GET", f"/v2/{image.repository}/manifests/{image.tag}", headers={"Accept": image.manifest.media_type}
            )
            assert (status, headers["Docker-Content-Digest"], raw) == (200, image.digest, image.manifest.raw)
        copy = tmp_path / "pulled"
        source = f"docker://127.0.0.1:{served.port}/web:v2"
        subprocess.run(
            [program("skopeo"), "copy", "--src-tls-verify=false", source, f"dir:{copy}"],
            check=True,
            capture_output=True,
        )
    manifest = registry.image("web:v2").manifest
    assert isinstance(manifest, ImageManifest)
    assert Digest.of((copy / "manifest.json").read_bytes()) == manifest.digest
    for blob in manifest.blobs:
        assert Digest.of((copy / blob.digest.encoded).read_bytes()) == blob.digest
    shutil.rmtree(copy)


def test_a_folder_is_loaded_whole_and_writes_itself_again(registry, tmp_path):
    """With all its bytes: written once more it is the same, file by file."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    loaded, faults = load_storage(folder)
    assert faults == ()
    assert everything(write_storage(loaded, tmp_path / "again")) == everything(folder)


def test_what_is_damaged_is_left_out_of_a_loaded_folder_and_said(registry, tmp_path):
    """A layer of other bytes: it is not there, and the fault names it."""
    folder = write_storage(registry.storage, tmp_path / "storage")
    victim = registry.image("web:v2").manifest.layers[0].digest
    place = folder / "docker/registry/v2/blobs/sha256" / victim.encoded[:2] / victim.encoded / "data"
    place.write_bytes(b"x" * place.stat().st_size)
    loaded, faults = load_storage(folder)
    assert victim not in loaded.blobs and any(victim in fault.place for fault in faults)
