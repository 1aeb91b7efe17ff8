"""Sharing, in a world of letters."""

from __future__ import annotations

import networkx as nx

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.study.sharing.sharing import Sharing

SIZES = {"base": 100, "deps": 30, "code": 5, "other": 7}


def layer(name: str) -> Descriptor:
    """A layer named by a word."""
    return Descriptor("layer", Digest.of(name.encode()), SIZES[name])


def world(**images: list[str]) -> Sharing:
    """Images as lists of words."""
    return Sharing.of_layers((name, [layer(word) for word in words]) for name, words in images.items())


def test_two_images_on_one_base_store_it_once():
    """100 + 5 and 100 + 7: 212 asked for, 112 stored."""
    sharing = world(one=["base", "code"], two=["base", "other"])
    assert (sharing.logical_bytes, sharing.stored_bytes, sharing.saved_bytes) == (212, 112, 100)
    assert [(i.name, i.exclusive_bytes, i.shared_bytes) for i in sharing.images] == [("one", 5, 100), ("two", 7, 100)]


def test_nothing_shared_is_nothing_saved():
    """And no image at all divides by nothing."""
    assert world(one=["base"], two=["deps"]).saved_bytes == 0
    assert world().saving == 0.0


def test_a_layer_twice_in_one_image_counts_once():
    """It is stored once and travels once."""
    assert world(one=["base", "base"]).logical_bytes == 100


def test_a_pair_says_what_is_common_and_what_is_not():
    """By digest, whatever the names."""
    pair = world(one=["base", "deps", "code"], two=["base", "other"]).pair("one", "two")
    assert (pair.shared_bytes, pair.only_one_bytes, pair.only_other_bytes) == (100, 35, 7)


def test_the_most_shared_layer_comes_first():
    """Ties by size."""
    sharing = world(one=["base", "deps"], two=["base", "deps"], three=["code"])
    assert [shared.size for shared in sharing.shared] == [100, 30]


def test_the_graph_joins_each_image_to_its_layers():
    """With the bytes of both, so that a library for graphs can answer what no table here does."""
    sharing = world(one=["base", "code"], two=["base", "other"])
    graph = sharing.to_networkx()
    base = ("layer", layer("base").digest)
    assert sorted(graph[base]) == [("image", "one"), ("image", "two")]
    assert graph.nodes[base] == {"bytes": 100, "images": 2}
    assert graph.nodes[("image", "two")] == {"bytes": 107}
    assert graph.number_of_edges() == sum(shared.count for shared in sharing.layers) == 4
    assert nx.is_bipartite(graph) and world().to_networkx().number_of_nodes() == 0
