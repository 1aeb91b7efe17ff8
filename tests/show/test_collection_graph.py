"""The graph of what a storage holds: tags, indexes, images and blobs, each with what it names."""

from __future__ import annotations

import networkx as nx

from simregistry import Client, Registry
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.show.collection_graph import collection, to_networkx
from simregistry.study.examples import webapp


def shelf() -> tuple[Inventory, Digest]:
    """Two versions of the web app, and an index that has both; the digest is the index's."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
    index = ImageIndex.of(image.manifest.descriptor for image in registry.images())
    assert registry.handle(Request("PUT", "/v2/web/manifests/both", body=index.raw)).status == 201
    return take_inventory(registry.storage), index.digest


def test_an_arrow_leads_from_each_name_to_what_it_names():
    """A tag to its manifest, an index to its images, an image to its config and layers."""
    inventory, index = shelf()
    graph = to_networkx(inventory)
    assert set(graph["web:both"]) == {index} and set(graph[index]) == set(inventory.references[index])
    assert {graph.nodes[child]["kind"] for child in graph[index]} == {"image"}
    assert {data["kind"] for _, data in graph.nodes(data=True)} == {"tag", "index", "image", "blob"}
    assert nx.is_directed_acyclic_graph(graph)


def test_what_the_collector_keeps_is_what_the_tags_reach():
    """The graph answers by itself what a plan says."""
    inventory, _ = shelf()
    graph = to_networkx(inventory)
    plan = DISTRIBUTION_3.plan(inventory, delete_untagged=True)
    reached = set().union(*(nx.descendants(graph, name) for name, _ in inventory.tags()))
    assert reached == set(plan.kept.marked) and not plan.swept


def test_a_digest_is_written_as_it_is_called():
    """Or by its first digits."""
    inventory, index = shelf()
    assert to_networkx(inventory, {index: "both platforms"}).nodes[index]["label"] == "both platforms"
    assert to_networkx(inventory).nodes[index]["label"] == index.short


def test_the_picture_is_drawn_from_this_graph():
    """A row for each node, in its order."""
    inventory, _ = shelf()
    view = collection(DISTRIBUTION_3.plan(inventory), 1)
    nodes = to_networkx(inventory).nodes(data=True)
    assert [row[:2] for row in view.table.rows] == [(data["kind"], data["label"]) for _, data in nodes]
