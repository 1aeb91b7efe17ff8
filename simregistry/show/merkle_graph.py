"""The Merkle graph of a tag: each arrow is a digest, so one digest at the top is enough to check everything below."""

from __future__ import annotations

import networkx as nx
from matplotlib.figure import Figure

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.registry.registry import Registry
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.table import Table, count, human

COLOURS = {
    "tag": theme.YELLOW,
    "index": theme.PURPLE,
    "manifest": theme.ORANGE,
    "config": theme.GREEN,
    "layer": theme.SKY,
}


def merkle(registry: Registry, name: str) -> View:
    """Draw everything that ``repository:tag`` points at, down to the layers."""
    graph = merkle_graph_of(registry, name)
    rows = tuple(
        (
            data["kind"],
            data["label"],
            data["bytes"] or None,
            ", ".join(graph.nodes[p]["label"] for p in graph.predecessors(n)),
        )
        for n, data in graph.nodes(data=True)
    )
    table = Table(("what", "name", "bytes", "named by"), rows)
    leaves = sum(1 for node in graph if graph.out_degree(node) == 0)

    def draw(figure: Figure) -> None:
        _draw(figure, graph)

    kinds = [data["kind"] for _, data in graph.nodes(data=True)]
    below = ", ".join(
        f"{kinds.count(k)} {k}{'s' if kinds.count(k) > 1 and k != 'index' else ''}"
        for k in ("index", "manifest", "config", "layer")
        if k in kinds
    )
    total = sum(data["bytes"] for _, data in graph.nodes(data=True))
    sentence = f"{name} points at one digest, which leads to {below}. Together they have {count(total)} bytes."
    return View(
        sentence, table, draw, alt="graph of digests from the tag to the layers", height=max(2.6, 0.75 * leaves + 0.6)
    )


def merkle_graph_of(registry: Registry, name: str) -> nx.DiGraph:
    """Build the graph from the tag down; a layer that two manifests name is one node with two arrows."""
    image = registry.image(name)
    repository = registry.storage.repository(image.repository)
    graph = nx.DiGraph()
    graph.add_node("tag", kind="tag", label=name, bytes=0, depth=0)
    waiting: list[tuple[str, Digest, int]] = [("tag", image.digest, 1)]
    while waiting:
        above, digest, depth = waiting.pop(0)
        manifest = repository.manifests[digest]
        plain = isinstance(manifest, ImageManifest)
        kind = "manifest" if plain else "index"
        graph.add_node(digest, kind=kind, label=digest.short, bytes=manifest.size, depth=depth)
        graph.add_edge(above, digest)
        if isinstance(manifest, ImageManifest):
            for blob, role in ((manifest.config, "config"), *((layer, "layer") for layer in manifest.layers)):
                graph.add_node(blob.digest, kind=role, label=blob.digest.short, bytes=blob.size, depth=depth + 1)
                graph.add_edge(digest, blob.digest)
        else:
            waiting.extend((digest, child.digest, depth + 1) for child in manifest.manifests)
    return graph


def _draw(figure: Figure, graph: nx.DiGraph) -> None:
    axes = figure.subplots()
    axes.axis("off")
    place = _places(graph)
    deepest = max(x for x, _ in place.values())
    axes.set_xlim(-0.5, deepest + 0.5)
    rows = [y for _, y in place.values()]
    axes.set_ylim(min(rows) - 0.6, max(rows) + 0.6)
    # Half of a box, in columns: boxes are as wide as twelve digits, columns as wide as there is room.
    half = 0.078 * (deepest + 1)
    for above, below in graph.edges:
        axes.annotate(
            "", xy=(place[below][0] - half, place[below][1]), xytext=(place[above][0] + half, place[above][1]),
            arrowprops={"arrowstyle": "->", "color": theme.INK, "lw": 1.4},
        )  # fmt: skip
    for node, data in graph.nodes(data=True):
        size = f"\n{human(data['bytes'])}" if data["bytes"] else ""
        text = f"{data['kind']}\n{data['label']}{size}"
        box = {"boxstyle": "round,pad=0.45", "facecolor": COLOURS[data["kind"]], "edgecolor": theme.INK, "alpha": 0.9}
        axes.text(*place[node], text, ha="center", va="center", fontsize=11, bbox=box, linespacing=1.05)


def _places(graph: nx.DiGraph) -> dict[object, tuple[float, float]]:
    """Place each node one column right of its parent: leaves one below the other, parents in the middle of theirs."""
    place: dict[object, tuple[float, float]] = {}
    leaves = [node for node in graph if graph.out_degree(node) == 0]
    for row, leaf in enumerate(leaves):
        place[leaf] = (graph.nodes[leaf]["depth"], -1.15 * row)
    for node in reversed(list(nx.topological_sort(graph))):
        if node not in place:
            rows = [place[child][1] for child in graph.successors(node)]
            place[node] = (graph.nodes[node]["depth"], sum(rows) / len(rows))
    return place
