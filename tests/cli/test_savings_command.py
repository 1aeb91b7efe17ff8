"""`simregistry savings`: the same table from every kind of place, and what it says where it cannot look."""

from __future__ import annotations

import json
import random

import pytest

from simregistry import Client, Registry
from simregistry.cli import main
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.storage_writer import write_storage
from simregistry.study.chunking import images_with_layers

DICE = random.Random(1)
BASE, LIBRARY, PROGRAM = (DICE.randbytes(30_000) for _ in range(3))


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Two versions of an app on one base, written as each kind of place that the command reads."""
    folder = tmp_path_factory.mktemp("places")
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("1", "2"):
        files = {"base": BASE, "app/library": LIBRARY, "app/program": f"version {version}\n".encode() + PROGRAM}
        laptop.build(f"registry.example/web:{version}", "FROM scratch\nCOPY base /\nCOPY app /app/\n", files)
        laptop.push(f"registry.example/web:{version}")
    layout, archive = OciLayout(folder / "layout"), DockerArchiveWriter(folder / "images.tar")
    for tag in ("1", "2"):
        copy_image(LocalRepository(registry.storage, "web"), tag, layout, tag)
        copy_image(LocalRepository(registry.storage, "web"), tag, archive, f"registry.example/web:{tag}")
    archive.close()
    write_storage(registry.storage, folder / "storage")
    return folder


def said(capsys, *arguments):
    """What the command prints for a program."""
    capsys.readouterr()
    assert main(["savings", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_kind_of_place_says_the_same(places, capsys):
    """A layout, an archive and a storage folder with the same two images: the same bytes at every level."""
    tables = [
        said(capsys, place)
        for place in (
            f"oci:{places}/layout",
            f"docker-archive:{places}/images.tar",
            f"{places}/storage",
            f"storage:{places}/storage",
        )
    ]
    assert tables[0] == tables[1] == tables[2] == tables[3]
    layers, files, fixed, content = (level["kept"] for level in tables[0]["levels"][:4])
    assert tables[0]["images"] == 2
    # The base is a layer of both, the library a file of both; of the two programs only the first lines differ.
    assert layers > files > content and files > fixed


def test_python_is_told_the_same_from_the_archive_file_alone(places):
    """`images_of` takes a path, and finds out what is there."""
    assert DockerArchive(places / "images.tar").names()
    names = [name for name, _ in images_with_layers(places / "images.tar")]
    assert names == ["web:1", "web:2"] == [name for name, _ in images_with_layers(places / "storage")]


def test_two_places_are_looked_at_together(places, capsys):
    """The same images in two places: nothing new is kept, and twice as much is asked for."""
    one = said(capsys, f"oci:{places}/layout")
    two = said(capsys, f"oci:{places}/layout", f"{places}/storage")
    assert two["asked"] == 2 * one["asked"] and two["images"] == 4
    assert [level["kept"] for level in two["levels"]] == [level["kept"] for level in one["levels"]]


def test_without_gzip_nothing_is_said_of_compressed_bytes(places, capsys):
    """What was not looked at has no number, and no table."""
    found = said(capsys, f"oci:{places}/layout", "--no-gzip")
    assert [level["kept_compressed"] for level in found["levels"]] == [None] * 4
    assert main(["savings", f"oci:{places}/layout", "--no-gzip"]) == 0
    told = capsys.readouterr().out
    assert "gzip" not in told and "then" not in told and "files" in told
    assert main(["savings", f"oci:{places}/layout"]) == 0
    assert "compress each layer, then" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("oci:{}/layout:1", "as a whole"),
        ("oci:{}/nowhere", "has no index.json"),
        ("docker-archive:{}/nowhere.tar", "is not there"),
        ("{}/nowhere", "no such folder"),
        ("docker://registry.example/web:1", "simregistry copy"),
    ],
)
def test_what_cannot_be_looked_at_ends_with_status_2_and_says_why(places, place, told, capsys):
    """A part of a place, a place that is none, a registry over the network."""
    assert main(["savings", place.format(places)]) == 2
    assert told in capsys.readouterr().err


def test_faults_of_a_folder_are_said_and_the_rest_is_looked_at(places, tmp_path, capsys):
    """A blob whose bytes are not those of its name is left out, and named on stderr."""
    layout = Registry("registry.example")
    laptop = Client(registries=[layout])
    laptop.build("registry.example/web:1", "FROM scratch\nCOPY base /\n", {"base": BASE})
    laptop.push("registry.example/web:1")
    write_storage(layout.storage, tmp_path / "storage")
    largest = max(tmp_path.rglob("data"), key=lambda path: path.stat().st_size)
    stray = largest.parent.parent / ("0" * 64)
    stray.mkdir()
    (stray / "data").write_bytes(b"something else")
    assert main(["savings", str(tmp_path / "storage"), "--no-gzip"]) == 0
    told = capsys.readouterr()
    assert "note: blob sha256:000" in told.err and "1 image asks for" in told.out
