"""The layer-sharing graph: images on the left, layers on the right, a line where an image holds a layer.

Images that share more than crumbs are next to each other, and a layer is as near as it can be to the images that hold
it. A few layers are all drawn. Of many, those are drawn that are shared and more than crumbs.
"""

from __future__ import annotations

import math

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simregistry.registry.registry import Registry
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.sharing.sharing import ImageShare, SharedLayer, Sharing
from simregistry.table import count, human

FEW_LAYERS = 16
# A layer of a few bytes (an empty WORKDIR layer has 32) joins images that have nothing else in common.
CRUMB_BYTES = 1_000
# Inches a row; the texts are 11 points high.
ROW = 0.235
# Square points, as matplotlib counts the area of a mark.
SMALLEST_AREA, LARGEST_AREA = 9.0, 480.0


def sharing(of: Sharing | Registry) -> View:
    """Draw which images share which layers."""
    sharing = Sharing.of(of) if isinstance(of, Registry) else of
    clusters = clusters_of(sharing, sharing.to_networkx())
    ordered = [image for cluster in clusters for image in cluster]
    layers = drawn_layers(sharing)
    height = max(2.4, ROW * max(len(ordered), 1.5 * len(layers)) + 1.3)

    def draw(figure: Figure) -> None:
        _draw(figure, clusters, ordered, layers)

    return View(
        _sentence(sharing), sharing.top(10), draw, alt="graph of images and the layers that they share", height=height
    )


def drawn_layers(sharing: Sharing) -> list[SharedLayer]:
    """Choose what to draw: all layers if they are few, else the shared ones that are more than crumbs."""
    if len(sharing.layers) <= FEW_LAYERS:
        return list(sharing.layers)
    return [layer for layer in sharing.shared if layer.size > CRUMB_BYTES]


def clusters_of(sharing: Sharing, graph: nx.Graph) -> list[list[ImageShare]]:
    """Group images that layers larger than crumbs connect: the larger groups first, images on their own last."""
    # Without its crumbs, the graph falls apart into groups that share something worth having.
    heavy = nx.subgraph_view(graph, filter_node=lambda n: n[0] == "image" or graph.nodes[n]["bytes"] > CRUMB_BYTES)
    by_name = {image.name: image for image in sharing.images}
    place = {image.name: i for i, image in enumerate(sharing.images)}
    # Within a group, images that hold the same layers are next to each other.
    rank = {layer.digest: i for i, layer in enumerate(sharing.shared)}
    groups = []
    for component in nx.connected_components(heavy):
        members = [by_name[name] for kind, name in component if kind == "image"]
        if members:
            members.sort(key=lambda i: (sorted(rank[d] for d in i.layers if d in rank), place[i.name]))
            groups.append(members)
    groups.sort(key=lambda members: (-len(members), place[members[0].name]))
    loners = [group[0] for group in groups if len(group) == 1]
    return [group for group in groups if len(group) > 1] + ([loners] if loners else [])


def _draw(
    figure: Figure, clusters: list[list[ImageShare]], ordered: list[ImageShare], layers: list[SharedLayer]
) -> None:
    axes = figure.subplots()
    axes.axis("off")
    span = max(len(ordered), math.ceil(1.5 * len(layers)), 1)
    image_y = {image.name: span * (i + 0.5) / max(1, len(ordered)) for i, image in enumerate(ordered)}
    layer_y = _spread(layers, image_y, span)
    axes.set_xlim(0, 10)
    axes.set_ylim(span + 0.2, -2.7)
    _shade(axes, clusters, span / max(1, len(ordered)))
    largest = max((layer.size for layer in layers), default=1) or 1
    for number, layer in enumerate(layers):
        shade = theme.colour(number) if layer.count > 1 else theme.GREY
        for name in layer.images:
            style = "-" if layer.size > CRUMB_BYTES else ":"
            axes.plot((3.35, 5.7), (image_y[name], layer_y[number]), style, color=shade, lw=1.1, alpha=0.75, zorder=1)
        # The area of a circle is in proportion to the layer's bytes; the smallest are dots that can still be seen.
        area = max(SMALLEST_AREA, LARGEST_AREA * layer.size / largest)
        axes.scatter([5.7], [layer_y[number]], s=area, color=shade, edgecolor=theme.INK, zorder=3, marker="o")
        text = f"{layer.count}×  {human(layer.size)}  {layer.label or layer.digest.short}"
        axes.text(6.0, layer_y[number], text, va="center", fontsize=11, zorder=4)
    for image in ordered:
        axes.text(3.1, image_y[image.name], image.name, ha="right", va="center", fontsize=11)
        axes.scatter([3.35], [image_y[image.name]], s=34, marker="s", color=theme.INK, zorder=3)
    lonely = [image for image in ordered if not any(image.name in layer.images for layer in layers)]
    if lonely:
        middle = sum(image_y[image.name] for image in lonely) / len(lonely)
        axes.text(3.6, middle, "no layer shared", va="center", fontsize=11, style="italic", color=theme.GREY)
    axes.text(3.1, -0.9, "images", ha="right", fontweight="bold")
    axes.text(6.0, -0.9, "layers: in n images, size", fontweight="bold")
    dot = human(_dot_bytes(largest))
    scale = f"The area of a circle shows bytes. The largest is {human(largest)}, and a dot is {dot} or less."
    axes.text(0, -2.2, scale, fontsize=10, va="center")


def _dot_bytes(largest: int) -> int:
    """Compute the bytes up to which a layer is drawn as the smallest circle."""
    return round(largest * SMALLEST_AREA / LARGEST_AREA)


def _shade(axes: Axes, clusters: list[list[ImageShare]], step: float) -> None:
    """Shade every second group, so that the eye sees where one ends."""
    top = 0.0
    for number, cluster in enumerate(clusters):
        deep = len(cluster) * step
        if number % 2 == 0:
            axes.add_patch(Rectangle((0, top), 3.5, deep, color=theme.LIGHT, zorder=0, linewidth=0))
        top += deep


def _spread(layers: list[SharedLayer], image_y: dict[str, float], span: float) -> list[float]:
    """Place each layer by the middle of its images, then push them apart until no two labels touch."""
    wanted = [sum(image_y[name] for name in layer.images) / layer.count for layer in layers]
    order = sorted(range(len(layers)), key=lambda i: (wanted[i], i))
    gap = 1.45
    placed = [0.0] * len(layers)
    reached = -gap
    for i in order:
        reached = placed[i] = max(wanted[i], reached + gap)
    # What was pushed out at the bottom moves up again, and pushes what is in its way.
    limit = span - gap / 2
    for i in reversed(order):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - gap
    return placed


def _sentence(sharing: Sharing) -> str:
    left_out = [layer for layer in sharing.shared if layer not in drawn_layers(sharing)]
    note = f" {len(left_out)} shared layers of at most {count(CRUMB_BYTES)} bytes are not drawn." if left_out else ""
    return (
        f"{len(sharing.images)} images hold {len(sharing.layers)} layers; "
        f"{len(sharing.shared)} are in more than one image. "
        f"Asked for: {count(sharing.logical_bytes)} bytes; stored: {count(sharing.stored_bytes)}; "
        f"saved: {sharing.saving:.1%}.{note}"
    )
