"""Delete names, mark and sweep: what leads to which blob, what would be freed, and where two collectors differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

import networkx as nx

from simregistry.oci.content import Nominal, bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, parse_manifest
from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.collectors import COLLECTORS
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage
from simregistry.show.collection_graph import to_networkx
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.study.examples.small_images import SmallImage, SmallIndex, nominal_layer, push_small
from simregistry.table import count

COLUMNS = {"tag": (14.0, 120.0), "index": (178.0, 130.0), "image": (354.0, 150.0), "blob": (560.0, 246.0)}
HEADS = {"tag": "tags", "index": "indexes", "image": "images", "blob": "blobs"}
CHOICES = ("distribution-3", "distribution-2.8", "harbor", "zot")
TOP, ROW, TALL = 62.0, 46.0, 34.0
# Bytes of the small world's layers.
SIZES = {"base": 80_000, "code 1": 12_000, "code 2": 14_000, "code 3": 16_000, "amd64": 30_000, "arm64": 28_000}
MARK = ("Mark the roots", "Follow the roots", "Mark the roots", "Mark the roots")
YES = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class SmallShop:
    """A registry with readable names for its digests."""

    registry: Registry
    names: Mapping[Digest, str]


def small_shop() -> SmallShop:
    """Make a registry of three versions over one base, the second without a tag, and an image for two platforms."""
    registry = Registry("registry.example")
    layers = {name: nominal_layer(name, size) for name, size in SIZES.items()}
    images = {
        name: SmallImage.of_nominal([layers[layer] for layer in parts], f'{{"v":"{name}"}}'.encode())
        for name, parts in {
            "v1": ("base", "code 1"), "v2": ("base", "code 2"), "v3": ("base", "code 3"),
            "for amd64": ("amd64",), "for arm64": ("arm64",),
        }.items()
    }  # fmt: skip
    for layer in layers.values():
        registry.storage.keep("app", Nominal(layer.digest, layer.size), layer.digest)
    for name, tag in (("v1", "v1"), ("v2", "latest"), ("v3", "latest")):
        push_small(registry, "app", tag, images[name])
    both = SmallIndex.of_platforms({"linux/amd64": images["for amd64"], "linux/arm64": images["for arm64"]})
    push_small(registry, "app", "multi", both)
    names = {layer.digest: name for name, layer in layers.items()} | {both.manifest.digest: "two platforms"}
    for name, image in images.items():
        names |= {image.manifest.digest: name, image.manifest.config.digest: f"config {name.removeprefix('for ')}"}
    return SmallShop(registry, names)


class CollectorExplorer(Explorer):
    """A storage whose names one can delete, and a collector that one runs by hand, stage by stage."""

    def __init__(self, storage: Storage, names: Mapping[Digest, str], goal_bytes: int) -> None:
        self.start, self.names, self.goal_bytes = storage, dict(names), goal_bytes
        self.collector, self.untagged = CHOICES[0], True
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.registry = Registry("registry.example", deepcopy(self.start))
        self.chosen, self.stage, self.differ = "", 0, False
        self.freed = 0
        self.last = "Nothing is marked. Choose a tag or a manifest, or let the collector mark."

    @property
    def inventory(self) -> Inventory:
        """What a collector sees of the storage now."""
        return take_inventory(self.registry.storage)

    def plan(self, collector: str = "") -> Plan:
        """What the chosen collector, or another one, would take now."""
        return COLLECTORS[collector or self.collector].plan(self.inventory, delete_untagged=self.untagged)

    def act(self, hand: Hand) -> None:
        """Choose, delete, mark, sweep, or change the collector."""
        if hand.do == "choose":
            self.chosen, self.differ = hand.id, False
            self.last = self._says_chosen()
        elif hand.do == "delete":
            self.chosen = hand.id or self.chosen
            self._delete()
        elif hand.do == "mark":
            self.stage, self.differ = 2 if self.stage == 1 else 1, False
            roots = f"The roots are marked: {len(self.plan().kept.roots)} manifests."
            self.last = roots if self.stage == 1 else f"Followed. {self.plan().headline}."
        elif hand.do == "sweep" and self.stage == 2:
            freed = sweep(self.registry.storage, self.plan())
            self.freed, self.stage = self.freed + freed, 3
            broken = f" Broken now: {', '.join(self.broken_tags())}." if self.broken_tags() else ""
            self.last = f"Swept: {count(freed)} bytes are free.{broken}"
        elif hand.do == "collector" and hand.value in COLLECTORS:
            self.collector, self.stage = str(hand.value), 0
            self.last = f"The collector is now {self.collector}. It has marked nothing yet."
        elif hand.do == "untagged":
            self.untagged, self.stage = hand.value == "yes", 0
            self.last = "Manifests without a tag may go." if self.untagged else "Every manifest is a root now."
        elif hand.do == "differ":
            self.differ, self.stage = True, 0
            self.last = self._says_difference()
        elif hand.do == "again":
            self._begin()

    def _delete(self) -> None:
        path = self._path(self.chosen)
        if not path:
            self.last = "Choose a tag or a manifest first. Blobs are the collector's business."
            return
        answer = self.registry.handle(Request("DELETE", path))
        name, self.chosen, self.stage, self.differ = self._label(self.chosen), "", 0, False
        if answer.ok:
            stored = count(self.inventory.stored_bytes)
            self.last = f"Deleted {name}: {answer.status}. {stored} bytes are stored, as before."
        else:
            self.last = f"The registry refuses to delete {name}: {answer.status}."

    def _path(self, id: str) -> str:
        repository, _, tag = id.rpartition(":")
        if (repository, tag) in {tuple(name.rsplit(":", 1)) for name, _ in self.inventory.tags()}:
            return f"/v2/{repository}/manifests/{tag}"
        holder = next((name for name, holding in self.inventory.holdings.items() if id in holding.revisions), "")
        return f"/v2/{holder}/manifests/{id}" if holder else ""

    def would_free(self, id: str) -> int:
        """Compute how many more bytes a collection frees if something is deleted first; nothing changes."""
        trial = Registry("registry.example", deepcopy(self.registry.storage))
        now = self.plan().freed_bytes
        trial.handle(Request("DELETE", self._path(id)))
        after = COLLECTORS[self.collector].plan(take_inventory(trial.storage), delete_untagged=self.untagged)
        return after.freed_bytes - now

    def broken_tags(self) -> tuple[str, ...]:
        """List the tags that can't be pulled whole: each manifest and each blob is asked for, as by a client."""
        return tuple(name for name, _ in self.inventory.tags() if not self._whole(*name.rsplit(":", 1)))

    def _whole(self, repository: str, reference: str) -> bool:
        answer = self.registry.handle(Request("GET", f"/v2/{repository}/manifests/{reference}"))
        if not answer.ok:
            return False
        manifest = parse_manifest(bytes_of(answer.body))
        if isinstance(manifest, ImageIndex):
            return all(self._whole(repository, str(child.digest)) for child in manifest.manifests)
        blobs = (Request("HEAD", f"/v2/{repository}/blobs/{blob.digest}") for blob in manifest.blobs)
        return all(self.registry.handle(request).ok for request in blobs)

    def _label(self, id: str) -> str:
        return self.names.get(Digest(id), Digest(id).short) if id.startswith("sha256:") else id

    def _says_chosen(self) -> str:
        if not self._path(self.chosen):
            return f"{self.plan().why(Digest(self.chosen))}." if self.chosen.startswith("sha256:") else ""
        free = self.would_free(self.chosen)
        name = self._label(self.chosen)
        return f"If you delete {name} and then {self.collector} collects, {count(free)} more bytes are freed."

    def _says_difference(self) -> str:
        different = [self._label(digest) for digest in sorted(self.differences(), key=self._label)]
        both = "distribution-2.8 and distribution-3"
        return f"{both} differ about {', '.join(different)}." if different else f"{both} keep and take the same."

    def differences(self) -> frozenset[Digest]:
        """List the blobs that one version of CNCF distribution takes and the other keeps."""
        old, new = self.plan("distribution-2.8"), self.plan("distribution-3")
        return frozenset(old.swept.keys() ^ new.swept.keys())

    def draw(self) -> Scene:
        """Draw tags, indexes, images and blobs in four columns, with the marks of the collector."""
        graph = to_networkx(self.inventory, self.names)
        places = self._places(graph)
        rows = max((row for _, row in places.values()), default=0.0)
        tags = [name for name, _ in self.inventory.tags()]
        return Scene(
            title="What leads to what in the registry's storage; all boxes have one size",
            width=820,
            height=TOP + ROW * (rows + 1) + 6,
            marks=(*self._heads(), *self._lines(graph, places), *self._boxes(graph, places)),
            says=self.last,
            controls=self._controls(),
            goal=f"Free {count(self.goal_bytes)} bytes or more. Keep two tags or more, all of which can be pulled.",
            reached=self.freed >= self.goal_bytes and len(tags) >= 2 and not self.broken_tags(),
        )

    def _controls(self) -> tuple[Control, ...]:
        return (
            Control("collector", "choice", "Collector", self.collector, CHOICES),
            Control("untagged", "choice", "Manifests without a tag may go", YES[self.untagged], ("yes", "no")),
            Control("delete", "button", "Delete what is chosen", disabled=not self._path(self.chosen)),
            Control("mark", "button", MARK[self.stage]),
            Control("sweep", "button", "Sweep", disabled=self.stage != 2),
            Control("differ", "button", "Where do 2.8 and 3 differ?"),
            Control("again", "button", "Begin again"),
        )

    def _places(self, graph: nx.DiGraph) -> dict[object, tuple[str, float]]:
        """Put each node into its column: blobs and images spread evenly, what leads to them beside what it leads to."""
        order: dict[str, list[object]] = {kind: [] for kind in COLUMNS}
        for node, data in graph.nodes(data=True):
            order[data["kind"]].append(node)
        longest = max(map(len, order.values()), default=1)
        places: dict[object, tuple[str, float]] = {}
        for kind in ("blob", "image"):
            order[kind].sort(key=lambda node: self._order(str(node)))
            step = longest / max(1, len(order[kind]))
            places |= {node: (kind, (number + 0.5) * step - 0.5) for number, node in enumerate(order[kind])}
        for kind in ("index", "tag"):
            wanted = {node: self._beside(graph, node, places) for node in order[kind]}
            reached = -1.0
            for node in sorted(wanted, key=lambda node: (wanted[node], str(node))):
                reached = max(wanted[node], reached + 1)
                places[node] = (kind, reached)
        return places

    def _beside(self, graph: nx.DiGraph, node: object, places: Mapping[object, tuple[str, float]]) -> float:
        rows = [places[below][1] for below in graph.successors(node) if below in places]
        return sum(rows) / max(1, len(rows))

    def _order(self, id: str) -> tuple[int, str]:
        """Sort configs behind layers, and all by their readable names."""
        label = self._label(id)
        return ("config" in label, label)

    def _heads(self) -> Iterator[Mark]:
        for kind, (x, _) in COLUMNS.items():
            yield Mark(f"head-{kind}", "text", x, 24, label=HEADS[kind], bold=True, align="start")
        if self.stage in (1, 2):
            yield Mark("legend", "text", 806, 24, label="✓ marked   ✗ no mark", align="end")

    def _corner(self, place: tuple[str, float]) -> tuple[float, float]:
        return COLUMNS[place[0]][0], TOP + ROW * place[1]

    def _lines(self, graph: nx.DiGraph, places: Mapping[object, tuple[str, float]]) -> Iterator[Mark]:
        for above, below in graph.edges:
            x, y = self._corner(places[above])
            to_x, to_y = self._corner(places[below])
            x += COLUMNS[places[above][0]][1]
            yield Mark(
                f"line-{above}-{below}", "line", x, y + TALL / 2, to_x - x - 3, to_y - y, arrow=True,
                look="dim" if self.chosen and self.chosen not in (str(above), str(below)) else "",
            )  # fmt: skip

    def _boxes(self, graph: nx.DiGraph, places: Mapping[object, tuple[str, float]]) -> Iterator[Mark]:
        plan = self.plan() if self.stage in (1, 2) else None
        different = self.differences() if self.differ else frozenset()
        blobs = self.inventory.blobs
        for node, data in graph.nodes(data=True):
            x, y = self._corner(places[node])
            fate = self._fate(plan, node)
            size = f"  {count(data['bytes'])}" if data["kind"] == "blob" and data["bytes"] else ""
            gone = isinstance(node, Digest) and node not in blobs
            look = "ghost" if gone else "lit" if str(node) == self.chosen or node in different else ""
            yield Mark(
                str(node), "box", x, y, COLUMNS[data["kind"]][1], TALL, f"{data['label']}{size}{fate}",
                colour={"tag": 4, "index": 3, "image": 0, "blob": None}[data["kind"]],
                look={" ✓": "good", " ✗": "bad"}.get(fate, look), do="choose", keys={"Delete": "delete"},
                says=f"{data['kind']} {data['label']}{size}{' is gone' if gone else ''}{SAYS[fate]}", size=12,
            )  # fmt: skip

    def _fate(self, plan: Plan | None, node: object) -> str:
        if plan is None or not isinstance(node, Digest):
            return ""
        if self.stage == 1:
            return " ✓" if node in plan.kept.roots else ""
        return " ✗" if node in plan.swept else " ✓"


SAYS = {"": "", " ✓": ", marked", " ✗": ", no mark"}


def collector_explorer(
    storage: Storage | None = None, names: Mapping[Digest, str] | None = None, goal_bytes: int = 70_000
) -> CollectorExplorer:
    """Show a storage to delete in and to collect; a copy is used, so the one passed in stays as it is.

    ``names`` says what to write for a digest. Without a storage there is a small one: three versions, of which one has
    no tag, and an image for two platforms. The goal asks for ``goal_bytes`` bytes.
    """
    if storage is None:
        shop = small_shop()
        return CollectorExplorer(shop.registry.storage, shop.names, goal_bytes)
    return CollectorExplorer(storage, names or {}, goal_bytes)
