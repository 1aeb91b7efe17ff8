"""What the lesson on chunks says is so: it follows from what was cut and kept, and other bytes give another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import Client, Registry, products
from simregistry.study import (
    FastCdc,
    ImageVersions,
    catalogue,
    chunks,
    dedup_levels,
    fixed,
    images_with_layers,
    published,
    webapp,
)
from simregistry.teach.predictions import chunks_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.answer_reading import read_answer
from simregistry.teach.predictions.outcome import outcome_of

TEXT = b"layers are archives and archives hold the files."


@pytest.fixture(scope="module")
def family():
    """The ten versions of the lesson."""
    return dedup_levels(ImageVersions().images())


@pytest.fixture(scope="module")
def unchanged():
    """Three versions of random-looking files that don't change at all."""
    return dedup_levels(ImageVersions(versions=3, files=4, base_files=0, changed_files=0.0).images())


def belief(key, truth, answer):
    """The belief that an answer is explained by."""
    prediction = find_prediction(key)
    return outcome_of(prediction, truth, read_answer(prediction, answer, None)).beliefs[0]


def test_layers_are_kept_once_and_sums_of_beliefs_are_known(family, unchanged):
    """Eleven layers; all ten images, or one of them, are other sums."""
    truth = truths.kept_by_layer(family)
    prediction = find_prediction("chunks.kept-by-layer")
    assert truth.right == 11_200_000 and truth.facts["layers"] == 11
    assert outcome_of(prediction, truth, read_answer(prediction, 11, None)).right
    assert belief("chunks.kept-by-layer", truth, 18.9) == "ten images take ten times the space"
    assert belief("chunks.kept-by-layer", truth, 1.9) == "file-level sharing is what registries do"
    assert truths.kept_by_layer(unchanged).facts["layers"] == 1


def test_files_are_kept_once(family, unchanged):
    """120 files at first, and 12 more for each of nine versions."""
    truth = truths.kept_by_file(family)
    assert truth.right == 4.6 and truth.facts["files"] == 120 + 9 * 12
    assert belief("chunks.kept-by-file", truth, 1.7) == "files save no more than layers do"
    assert belief("chunks.kept-by-file", truth, 10) == "a file is known by its name"
    assert truths.kept_by_file(unchanged).right == 3.0


def test_the_row_with_the_most_pieces_is_found(family):
    """It is the row that the table has at this place."""
    truth = truths.most_pieces(family)
    row = family.table().records()[truth.right - 1]
    assert row["kept once"] == truth.facts["name"] == "fixed chunks"
    assert int(row["pieces"]) == max(int(each["pieces"]) for each in family.table().records())


@pytest.mark.parametrize(("later", "stay"), [(b"~" + TEXT, 0), (TEXT + b"~", 6), (b"m" + TEXT[1:], 5)])
def test_an_insertion_moves_fixed_borders_and_a_replacement_does_not(later, stay):
    """At the front, at the end, and written over."""
    truth = truths.fixed_stay(chunks(TEXT, fixed(8)), chunks(later, fixed(8)))
    assert truth.right == stay


def test_content_defined_borders_move_along():
    """One new chunk after an insertion; fixed chunks and other content are new throughout."""
    _, (archive,) = next(ImageVersions(versions=1, files=10, base_files=0).images())
    cutters = {"a single one": FastCdc(1024), "all of them": fixed(8)}
    for right, cutter in cutters.items():
        data = archive if right == "a single one" else TEXT
        assert truths.content_new(chunks(data, cutter), chunks(b"~" + data, cutter)).right == right
    assert truths.content_new([b"a", b"b"], [b"a", b"c", b"d"]).right == "about half of them"


def test_compression_hides_what_chunks_would_find(family):
    """If compressed layers had the plain ones' chunks, all would be found."""
    assert truths.gzip_chunks(family) == "hardly any of it"
    swapped = replace(family, compressed=tuple(replace(level, name=f"gzip, {level.name}") for level in family.levels))
    assert truths.gzip_chunks(swapped) == "all of it"
    # What the lesson says of the two orders.
    assert family["content-defined chunks"].packed_bytes * 2 < family["gzip, content-defined chunks"].bytes


def test_the_best_size_and_the_share_of_its_index():
    """Computed from the levels: without an index the smallest chunks would keep the least."""
    six = ImageVersions(versions=6)
    tried = {
        size: dedup_levels(six.images(), {"chunks": FastCdc(size)}, compress=False) for size in (256, 2048, 4096, 16384)
    }
    assert truths.best_size(tried).right == "2,048 bytes"
    bare = {
        size: replace(result, levels=tuple(replace(level, pieces=0, references=0) for level in result.levels))
        for size, result in tried.items()
    }
    assert truths.best_size(bare).right == "256 bytes"
    truth = truths.small_index(tried)
    assert truth.right == 4096 and truth.facts["share"] < 0.05 < truth.facts["before"]
    assert truths.small_index(bare).right == 256


def test_the_measured_ratio_is_the_published_one():
    """The model's own figure is told beside it."""
    truth = truths.measured_chunks(published.find_figure("flx42-chunks"))
    assert truth.right == 3.37 and truth.facts["computed"] == pytest.approx(3.28, abs=0.01)


def test_no_product_says_that_it_looks_into_blobs():
    """Each scope compares whole blobs, or the documents don't say it."""
    scopes = [product.value("dedup_scope") for product in products()]
    assert len(scopes) == 8 and set(scopes) <= {"registry", "repository", "filestore", None}


def test_files_save_nothing_where_a_change_has_its_own_layer():
    """As the lesson's self-check says; and bytes that are there can be cut."""
    registry = Registry(webapp.HOST)
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"{webapp.HOST}/web:{version}")
    web = dedup_levels(images_with_layers(registry), {}, compress=False)
    assert web["files"].bytes == web["layers"].bytes < web.asked_bytes
    assert truths.without_bytes(registry) == "that of layers, files and chunks"


def test_without_bytes_only_layers_can_be_counted():
    """The catalogue has names and sizes."""
    assert truths.without_bytes(catalogue.load(Registry("docker.io"), ["python:3.12"])) == "that of layers"
