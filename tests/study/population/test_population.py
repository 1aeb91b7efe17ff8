"""Made hubs: the same on every machine, true to their parameters, and one with the registry's own accounting."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace

import numpy as np
import pytest

from simregistry import Registry
from simregistry.errors import InvalidValue
from simregistry.study.population import Hub, populate
from simregistry.study.population.dice import Dice, Spread, places_in_groups, zipf_weights
from simregistry.study.population.files import ALL_FILES, BETA, DISTINCT, KINDS, files_of
from simregistry.study.population.hub import MEANINGS
from simregistry.study.sharing.sharing import Sharing


@pytest.fixture(scope="module")
def small():
    """A hub of 600 images."""
    return populate(Hub(images=600, seed=4))


def columns(population):
    """The columns of a population, as one hash."""
    parts = (population.repository, population.version, population.day, population.first, population.layers)
    return hashlib.sha256(
        b"".join(part.astype("<i8").tobytes() for part in (*parts, population.layer_bytes, population.pulls))
    ).hexdigest()


def test_the_same_seed_gives_the_same_hub_and_another_seed_another():
    """Nothing but the seed and the parameters decides."""
    assert columns(populate(Hub(images=300, seed=9))) == columns(populate(Hub(images=300, seed=9)))
    assert columns(populate(Hub(images=300, seed=9))) != columns(populate(Hub(images=300, seed=10)))


def test_the_draws_are_the_same_on_every_machine_and_version():
    """Raw bits of PCG64 and whole numbers from there on: this hash may not change."""
    assert Dice(7).raw(4).tolist() == DRAWN
    assert Spread.log_normal(1000, 5000).draw(Dice(1), 5).tolist() == SPREAD


DRAWN = [2684764585, 3853503932, 3331544671, 967257515]
SPREAD = [1038, 7935, 263, 7763, 539]


def test_every_parameter_says_what_it_is_and_where_it_comes_from():
    """The table of a hub has a line with a source for each field."""
    assert {field.name for field in fields(Hub)} == set(MEANINGS)
    assert all(meaning and source for meaning, source in MEANINGS.values())
    assert len(Hub().table().rows) == len(MEANINGS)


@pytest.mark.parametrize(
    "wrong",
    [{"images": 0}, {"images": 10**9}, {"images": True}, {"images": 1.5}, {"empty": 1.1}, {"only_last": -0.1},
     {"seed": -1}, {"seed": "a"}, {"base_skew": 9.0}, {"systems": 0}],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_refused(wrong):
    """The error names the parameter and says what to give."""
    with pytest.raises(InvalidValue, match="give"):
        populate(Hub(**wrong))


def test_sharing_over_columns_agrees_with_sharing_over_objects(small):
    """The report from whole columns is the one that counting digest by digest gives."""
    by_objects, report = Sharing.of_layers(small.named()), small.sharing()
    assert (report.logical_bytes, report.stored_bytes) == (by_objects.logical_bytes, by_objects.stored_bytes)
    assert report.layers == len(by_objects.layers)
    counts = [layer.count for layer in by_objects.layers]
    for use in report.uses:
        most = use.most or max(counts)
        assert use.layers == sum(use.least <= count <= most for count in counts)


def test_a_registry_that_is_loaded_has_what_the_columns_say(small):
    """Pushed by the API, the layers that are stored are the population's distinct ones."""
    storage = small.load(Registry("hub.example")).storage_report()
    assert storage.layers.stored_bytes == small.sharing().stored_bytes
    assert storage.layers.logical_bytes == small.sharing().logical_bytes
    assert storage.images == small.images


def test_more_images_than_a_registry_can_hold_are_refused():
    """Columns are for the large ones."""
    with pytest.raises(InvalidValue, match="at most 20,000"):
        populate(Hub(images=20_001)).load(Registry("hub.example"))


def test_versions_of_a_repository_share_from_the_base_up(small):
    """Two versions in a row agree up to some layer and in none of their own after it: the rule of a builder's cache."""
    for image in range(1, small.images):
        if small.repository[image] != small.repository[image - 1]:
            continue
        old, new = (
            [n for n in small.layers[small.first[i] : small.first[i + 1]].tolist() if n] for i in (image - 1, image)
        )
        same = [a == b for a, b in zip(old, new, strict=False)]
        base = next((k for k, equal in enumerate(same) if not equal), len(same))
        assert not set(old[base:]) & set(new[base:])
        assert new[-1] not in old


def test_no_image_holds_a_layer_twice(small):
    """An image's references are distinct layers."""
    for image in range(small.images):
        layers = small.layers[small.first[image] : small.first[image + 1]].tolist()
        assert len(layers) == len(set(layers))


def test_what_was_put_in_is_found_again():
    """Layers of an image, sizes of layers and the share of the empty layer come out as the parameters say."""
    population = populate(Hub(images=30_000, seed=2))
    report = population.sharing()
    assert 7 <= report.median_layers <= 9 and 16 <= report.p90_layers <= 20
    assert report.median_layer_bytes == pytest.approx(4e6, rel=0.05)
    assert report.p90_layer_bytes == pytest.approx(63e6, rel=0.05)
    assert population.layer_bytes[0] == 32
    empty = np.bincount(population.layers)[0] / population.images
    assert empty == pytest.approx(12 / 53, rel=0.05)


def test_the_ratio_grows_with_the_number_of_images():
    """The more images, the more of them stand on what is there; at the end it is the report's own ratio."""
    report = populate(Hub(images=20_000, seed=3)).sharing()
    assert report.growth[-1].ratio == report.ratio and report.growth[-1].images == 20_000
    assert report.growth[0].ratio == 1.0 < report.growth[len(report.growth) // 2].ratio < report.ratio


def test_changing_every_layer_each_time_shares_only_the_bases():
    """With no repeated base, no empty layer and no layer kept, nothing is shared at all."""
    hub = Hub(images=400, seed=5, empty=0.0, only_last=0.0, rebuild_days=1, version_days=1)
    never = populate(replace(hub, layers_an_image=Spread.log_normal(1, 1, 1, 1)))
    assert never.sharing().ratio == 1.0


def test_most_pulls_go_to_few_repositories():
    """Popularity is skewed as the parameter says, and pulls add up to what was asked for."""
    population = populate(Hub(images=5_000, seed=1))
    by_repository = np.sort(np.bincount(population.repository, weights=population.pulls))[::-1]
    assert by_repository[:10].sum() > 0.2 * by_repository.sum()
    assert population.pulls.sum() / (1_000 * 5_000) == pytest.approx(1, rel=0.01)


def test_files_are_reused_as_heaps_law_says_and_have_their_kinds():
    """Distinct files come near to n to the power beta, and kinds have the shares that were put in."""
    found = files_of(populate(Hub(images=1_500, seed=1)))
    n = len(found.files)
    assert len(found.file_bytes) == pytest.approx(n**BETA, rel=0.02)
    assert pytest.approx(ALL_FILES ** (BETA - 1)) == DISTINCT
    counts = np.bincount(found.kind[found.files]) / n
    assert [round(share, 1) for share in counts] == [round(kind.of_files, 1) for kind in KINDS]
    assert found.stored_bytes < found.logical_bytes
    ratios = list(found.growth().values())
    assert ratios[-1] == pytest.approx(found.ratio) and ratios[-1] > ratios[len(ratios) // 2] > 1


def test_files_with_nonsense_are_refused():
    """A beta that is none, and more files than memory."""
    population = populate(Hub(images=50))
    with pytest.raises(InvalidValue, match="beta"):
        files_of(population, beta=0)
    with pytest.raises(InvalidValue, match="smaller population"):
        files_of(populate(Hub(images=20_000)), a_layer=Spread.log_normal(10_000, 10_000))


def test_counting_inside_groups_and_weights():
    """The two small tools: a running number in each group, and Zipf's weights that fall."""
    assert places_in_groups(np.array([0, 3, 1])).tolist() == [0, 1, 2, 0]
    weights = zipf_weights(1000, 1.0)
    assert (np.diff(weights) <= 0).all() and weights.sum() < 2**31
    assert weights[0] / weights[9] == pytest.approx(10, rel=1e-6)
    with pytest.raises(InvalidValue, match="weights"):
        Dice(1).ranks(3, np.array([0, 0]))


def test_an_image_has_a_name_and_digests_that_are_hashes(small):
    """A layer's digest is the hash of the seed and its number; the same layer has one digest in all images."""
    name, layers = next(small.named())
    assert name == "team0/app0:v1"
    number = int(small.layers[0])
    expected = hashlib.sha256(f"population 4 layer {number}".encode()).hexdigest()
    assert layers[0].digest == f"sha256:{expected}" and layers[0].size == small.layer_bytes[number]
