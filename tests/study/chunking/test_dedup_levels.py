"""Levels: what is kept at each, held against counting by hand, and read from what people have."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from simregistry import Client, Registry
from simregistry.cli import main
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.layer import Changeset
from simregistry.study.chunking import FastCdc, ImageVersions, dedup_levels, fixed, images_with_layers, layers_only
from simregistry.study.examples import catalogue

DICE = random.Random(1)
A, B, C = (DICE.randbytes(5_000) for _ in range(3))


def tar(**files):
    """An archive of files."""
    return Changeset.of(files).to_tar()


def test_layers_files_and_chunks_are_counted_as_by_hand():
    """Two images share a layer, two layers share a file, two files share their first half."""
    half = A[:2_500] + B[:2_500]
    images = [("one", [tar(a=A), tar(b=B)]), ("two", [tar(a=A), tar(c=B, d=half)])]
    found = dedup_levels(images, {"half": fixed(2_500)})
    archives = [len(tar(a=A)), len(tar(b=B)), len(tar(a=A)), len(tar(c=B, d=half))]
    rest = (archives[0] - 5_000) + (archives[1] - 5_000) + (archives[3] - 10_000)
    assert found.asked_bytes == sum(archives)
    assert found["layers"].bytes == sum(archives) - archives[0] and found["layers"].pieces == 3
    assert found["files"].bytes == 15_000 + rest
    assert found["half"].bytes == 10_000 + rest
    assert dict(found["files"].uses)["2"] == 3  # A and the first layer's headers twice, B in two layers
    assert found.growth["layers"] == (1.0, sum(archives) / (sum(archives) - archives[0]))


def test_a_compressed_layer_is_the_same_layer():
    """Layers are looked at uncompressed, however they come."""
    plain = dedup_levels([("one", [tar(a=A)])])
    packed = dedup_levels([("one", [gzip.compress(tar(a=A))])])
    assert [level.bytes for level in plain.levels] == [level.bytes for level in packed.levels]


def test_compressing_first_hides_what_is_alike():
    """A family of versions: chunks of compressed layers are hardly ever the same, those of plain files often."""
    found = dedup_levels(ImageVersions(base_files=0, changed_files=0.2, versions=6).images())
    plain, packed = found["content-defined chunks"], found["gzip, content-defined chunks"]
    assert plain.ratio > 2.5 and packed.bytes > 0.85 * found.asked_gzip_bytes
    # The other order does add up: pieces once, and each of them compressed.
    assert plain.packed_bytes < plain.bytes and plain.packed_bytes < packed.bytes / 2


def test_a_finer_level_never_keeps_more_files_than_a_coarser_one():
    """Files within layers, chunks within files."""
    found = dedup_levels(
        ImageVersions(versions=5).images(), {"fixed": fixed(1024), "content": FastCdc(1024)}, compress=False
    )
    layers, files, *chunks = (level.bytes for level in found.levels)
    assert layers > files and all(files >= chunk for chunk in chunks)


def test_smaller_chunks_cost_more_index_than_they_save():
    """With the index counted there is a size below which it gets worse."""
    sizes = (256, 2048, 65_536)
    kept = []
    for size in sizes:
        level = dedup_levels(ImageVersions(versions=6).images(), {"c": FastCdc(size)}, compress=False)["c"]
        assert level.index_bytes == level.pieces * 48 + level.references * 32
        kept.append(level.all_bytes)
    assert kept[1] < kept[0] and kept[1] < kept[2]


def test_a_family_is_the_same_from_the_same_seed_and_changes_what_it_says():
    """Nothing changed: nothing new. All base files unchanged: one base layer."""
    assert list(ImageVersions(versions=3).images()) == list(ImageVersions(versions=3).images())
    assert list(ImageVersions(versions=2, seed=2).images()) != list(ImageVersions(versions=2).images())
    still = dedup_levels(ImageVersions(versions=4, changed_files=0.0).images(), compress=False)
    assert still["layers"].ratio == 4.0
    assert len({layers[0] for _, layers in ImageVersions(versions=4).images()}) == 1


def test_the_images_of_a_registry_an_archive_and_a_folder_are_the_same(tmp_path, capsys):
    """One question, wherever the images are; and the command says what Python says."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("1", "2"):
        files = {"base": A, "app.py": f"print({version})\n"}
        laptop.build(f"registry.example/web:{version}", "FROM scratch\nCOPY base /\nCOPY app.py /\n", files)
        laptop.push(f"registry.example/web:{version}")
    layout = OciLayout(tmp_path / "layout")
    for tag in ("1", "2"):
        copy_image(LocalRepository(registry.storage, "web"), tag, layout, tag)
    here, there = dedup_levels(images_with_layers(registry)), dedup_levels(images_with_layers(tmp_path / "layout"))
    assert [level.bytes for level in here.levels] == [level.bytes for level in there.levels]
    assert here.images == 2 and here["layers"].pieces == 3
    capsys.readouterr()
    assert main(["savings", f"oci:{tmp_path / 'layout'}", "--json", "--chunk", "1024", "--no-gzip"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["images"] == 2 and said["levels"][0]["kept"] == here["layers"].bytes
    assert main(["savings", f"oci:{tmp_path / 'layout'}"]) == 0
    assert "content-defined chunks" in capsys.readouterr().out


def test_images_whose_bytes_are_not_here_say_so():
    """The catalogue's layers are names and sizes: layers can be counted, files cannot."""
    registry = catalogue.load(Registry("docker.io"), ["python:3.12", "python:3.13"])
    with pytest.raises(ContentUnavailable):
        dedup_levels(images_with_layers(registry))
    found = layers_only((image.name, image.layers) for image in catalogue.images())
    assert found.stored_bytes == 5_694_677_530


def test_what_is_no_image_is_refused(tmp_path, capsys):
    """A layer that is no archive, a place that is none, a chunk size that is none."""
    with pytest.raises(InvalidValue, match="archive"):
        dedup_levels([("x", [b"not a tar" * 100])])
    assert main(["savings", str(tmp_path / "nowhere")]) == 2
    assert main(["savings", f"oci:{tmp_path}", "--chunk", "1000"]) == 2
    assert "power of two" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [{"versions": 0}, {"changed_files": 1.1}, {"files": 0}, {"file_bytes": 10**9}, {"base_changed": -1}]
)
def test_a_family_that_cannot_be_is_refused(wrong):
    """Shares, counts, and no more bytes than a lesson needs."""
    with pytest.raises(InvalidValue, match="give"):
        list(ImageVersions(**wrong).images())


def test_levels_without_compression_have_no_table_of_orders():
    """What was not looked at is not made up; the bytes of the levels are the same."""
    quick, whole = (dedup_levels(ImageVersions(versions=2, files=4).images(), compress=each) for each in (False, True))
    assert [level.bytes for level in quick.levels] == [level.bytes for level in whole.levels]
    assert all(level.packed_bytes == level.bytes for level in quick.levels) and not quick.compressed
    assert len(whole.packed().rows) == len(whole.levels) + len(whole.compressed)
    with pytest.raises(InvalidValue, match="leave that argument out"):
        quick.packed()
