"""Mark and sweep, step by step, on the graph of a storage: tags, indexes, images and blobs, and what names what."""

from __future__ import annotations

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.plan import Plan
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.table import Table, count, human

COLUMNS = ("tag", "index", "image", "blob")
STEPS = {
    1: "the storage as it is",
    2: "the roots are marked",
    3: "marked: all that the roots lead to",
    4: "swept: what has no mark is gone",
}
# Fill, frame and line of a box, and a sign beside its name, so that no one needs the colour.
LOOKS = {
    "plain": (theme.LIGHT, theme.INK, "-", ""),
    "marked": (theme.GREEN, theme.INK, "-", " ✓"),
    "doomed": ("white", theme.RED, "--", " ✗"),
}


def collection(plan: Plan, step: int = 4, names: dict[Digest, str] | None = None) -> View:
    """Draw a plan at one of its four steps. ``names`` says what to write for a digest; without it, its first digits."""
    inventory = plan.inventory
    graph = to_networkx(inventory, names)
    looks = {node: _look(plan, node, step) for node in graph}
    rows = tuple(
        (graph.nodes[node]["kind"], graph.nodes[node]["label"], graph.nodes[node]["bytes"] or None, looks[node])
        for node in graph
    )
    marked = sum(1 for digest in inventory.blobs if digest in plan.kept)
    done = {
        1: f"{len(inventory.blobs)} blobs, {count(inventory.stored_bytes)} bytes",
        2: f"{len(plan.kept.roots)} roots",
        3: f"{marked} of {len(inventory.blobs)} blobs have a mark",
        4: f"{len(plan.swept)} blobs, {count(plan.freed_bytes)} bytes",
    }
    sentence = f"Step {step}, {STEPS[step]}: {done[step]}."
    widest = max((sum(d["kind"] == kind for _, d in graph.nodes(data=True)) for kind in COLUMNS), default=1)

    def draw(figure: Figure) -> None:
        _draw(figure.subplots(), graph, looks, step)

    return View(
        sentence,
        Table(("what", "name", "bytes", "state"), rows),
        draw,
        alt="graph of tags, manifests and blobs with marks",
        height=max(2.6, 0.6 * widest + 0.9),
    )


def to_networkx(inventory: Inventory, names: dict[Digest, str] | None = None) -> nx.DiGraph:
    """Turn the references of an inventory into a directed graph, the one that ``collection`` draws.

    Nodes are tags, as ``repository:tag``, and digests. An arrow leads from a tag to what it points at, and from an
    index or a manifest to what it names. A node has a ``kind`` (tag, index, image or blob), a ``label`` and ``bytes``;
    ``names`` says what to write for a digest.
    """
    graph = nx.DiGraph()
    for name, digest in inventory.tags():
        graph.add_node(name, kind="tag", label=name, bytes=0)
        graph.add_edge(name, digest)
    for manifest, named in inventory.references.items():
        graph.add_edges_from((manifest, child) for child in named)
    graph.add_nodes_from(inventory.blobs)
    for digest in [node for node in graph if isinstance(node, Digest)]:
        kind = "index" if digest in inventory.indexes else "image" if digest in inventory.references else "blob"
        label = (names or {}).get(digest, digest.short)
        graph.nodes[digest].update(kind=kind, label=label, bytes=inventory.blobs.get(digest, 0))
    return graph


def _look(plan: Plan, node: object, step: int) -> str:
    """Say how a node looks at a step: plain, marked, or about to go."""
    if step == 1:
        return "plain"
    if not isinstance(node, Digest):
        return "marked"
    if step == 2:
        return "marked" if node in plan.kept.roots else "plain"
    if node in plan.swept or node not in plan.inventory.blobs:
        return "doomed" if step == 4 else "plain"
    return "marked"


def _draw(axes: Axes, graph: nx.DiGraph, looks: dict[object, str], step: int) -> None:
    axes.axis("off")
    place = _places(graph)
    columns = sorted({x for x, _ in place.values()})
    rows = [y for _, y in place.values()] or [0.0]
    axes.set_xlim(columns[0] - 0.5 if columns else 0, columns[-1] + 0.5 if columns else 1)
    axes.set_ylim(min(rows) - 0.6, max(rows) + 1.2)
    for column in columns:
        kinds = {graph.nodes[node]["kind"] for node, (x, _) in place.items() if x == column}
        axes.text(
            column, max(rows) + 0.8, f"{kinds.pop()}s".replace("indexs", "indexes"), ha="center", fontweight="bold"
        )
    # Boxes of one width, so that an arrow runs from edge to edge: a letter is some 0.09 inches wide.
    longest = max((len(data["label"]) for _, data in graph.nodes(data=True)), default=1)
    half = (0.05 * longest + 0.12) * len(columns) / 9.8
    for above, below in graph.edges:
        gone = step == 4 and "doomed" in (looks[above], looks[below])
        arrow = {"arrowstyle": "->", "color": theme.GREY if gone else theme.INK, "linestyle": ":" if gone else "-"}
        start, end = (place[above][0] + half, place[above][1]), (place[below][0] - half, place[below][1])
        axes.annotate("", xy=end, xytext=start, arrowprops=arrow | {"shrinkA": 1, "shrinkB": 1})
    for node, data in graph.nodes(data=True):
        fill, frame, line, sign = LOOKS[looks[node]]
        x, y = place[node]
        box = Rectangle((x - half, y - 0.36), 2 * half, 0.72, facecolor=fill, edgecolor=frame, linestyle=line, zorder=3)
        axes.add_patch(box)
        size = f"\n{human(data['bytes'])}{sign}" if data["bytes"] else sign
        axes.text(x, y, f"{data['label']}{size}", ha="center", va="center", fontsize=11, zorder=4, linespacing=1.05)


def _places(graph: nx.DiGraph) -> dict[object, tuple[float, float]]:
    """Put each kind into its column: blobs in the order in which they are named, the others near what they name."""
    order: dict[str, list[object]] = {kind: [] for kind in COLUMNS}
    for node in nx.lexicographical_topological_sort(graph, key=lambda n: (graph.in_degree(n) > 0, str(n))):
        order[graph.nodes[node]["kind"]].append(node)
    columns = [kind for kind in COLUMNS if order[kind]]
    place: dict[object, tuple[float, float]] = {}
    first_named: dict[object, int] = {}
    for image in order["image"]:
        for blob in graph.successors(image):
            first_named.setdefault(blob, len(first_named))
    order["blob"].sort(key=lambda blob: (first_named.get(blob, len(first_named)), str(blob)))
    for row, blob in enumerate(order["blob"]):
        place[blob] = (columns.index("blob"), -float(row))
    for kind in reversed(columns[:-1] if "blob" in columns else columns):
        wanted = {n: [place[c][1] for c in graph.successors(n) if c in place] or [0.0] for n in order[kind]}
        reached = 1.0
        for node in sorted(order[kind], key=lambda n: (-sum(wanted[n]) / len(wanted[n]), str(n))):
            reached = min(sum(wanted[node]) / len(wanted[node]), reached - 1.0)
            place[node] = (columns.index(kind), reached)
    return place
