"""Mark, plan, sweep on a tiny world, and what each collector makes of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import World, layer

from simregistry.errors import InvalidValue, ManifestUnknown
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.registry.gc.grace_and_trash import DAY, HOUR, ReferenceCounting, at
from simregistry.registry.gc.inventory import Holding, Inventory
from simregistry.registry.gc.mark import Marks, mark, never
from simregistry.registry.gc.plan import CollectorFailed, Plan
from simregistry.registry.gc.reports import abandoned, freed_by, layers_by_tag, left_behind, shares, why
from simregistry.registry.gc.roots import mark_from_roots
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.acr.collector import ACR
from simregistry.registry.products.collectors import COLLECTORS, Collector
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.products.gitlab.collector import GITLAB
from simregistry.registry.products.harbor.collector import HARBOR
from simregistry.registry.products.nexus.collector import NEXUS
from simregistry.registry.products.zot.collector import ZOT

NAMES = st.sampled_from(["app", "web"])


def letters(plan: Plan) -> str:
    """The layers that a plan takes, by their letters."""
    return "".join(letter for letter in "abcdefgh" if Digest.of(letter.encode() * 10) in plan.swept)


@pytest.fixture
def world() -> World:
    """v1 and v2 share a base; a third image has lost its tag to v2."""
    world = World()
    world.image("ab", "v1")
    world.image("ac", "v2")
    world.image("ad", "v2")
    return world


def test_deleting_a_tag_frees_nothing(world):
    """The manifest stays, and it is a root: the question that the lesson begins with."""
    world.registry.handle(Request("DELETE", "/v2/app/manifests/v1"))
    assert DISTRIBUTION_3.plan(world.inventory()).swept == {}


def test_what_only_an_untagged_manifest_names_goes_with_delete_untagged(world):
    """The shared base stays."""
    plan = DISTRIBUTION_3.plan(world.inventory(), delete_untagged=True)
    assert letters(plan) == "c"
    assert plan.freed_bytes == sum(plan.swept.values()) > 10


def test_a_plan_changes_nothing_and_a_sweep_does_what_it_says(world):
    """Then everything that has a tag can still be pulled whole."""
    before = world.registry.snapshot()
    plan = DISTRIBUTION_3.plan(world.inventory(), delete_untagged=True)
    assert world.registry.snapshot() == before
    freed = sweep(world.storage, plan)
    after = world.registry.snapshot()
    assert before.stored_bytes - after.stored_bytes == freed == plan.freed_bytes
    assert set(before.shelf) - set(after.shelf) == set(plan.swept)
    assert world.whole() == ["app:v1", "app:v2"]
    assert DISTRIBUTION_3.plan(world.inventory(), delete_untagged=True).swept == {}


def test_each_kept_blob_has_the_way_that_keeps_it(world):
    """From a tag over the manifest to the blob itself, each step naming the next."""
    inventory = world.inventory()
    plan = DISTRIBUTION_3.plan(inventory, delete_untagged=True)
    for digest in inventory.blobs.keys() - plan.swept.keys():
        root, *way = plan.path(digest)
        assert root in ("app:v1", "app:v2") and way[-1] == digest
        for above, below in itertools.pairwise(way):
            assert below in inventory.references[Digest(above)]
    assert "→" in plan.why(layer("a"))


def test_each_swept_blob_has_a_reason(world):
    """A manifest without a tag, a blob that only such a one names, and one that nothing names."""
    world.storage.keep("app", b"stray", Digest.of(b"stray"))
    plan = DISTRIBUTION_3.plan(world.inventory(), delete_untagged=True)
    untagged = next(digest for digest in plan.swept if digest in plan.inventory.references)
    assert "no tag leads to" in plan.why(untagged)
    assert f"only {untagged.short}" in plan.why(layer("c"))
    assert "no manifest of any repository" in plan.why(Digest.of(b"stray"))
    assert "not in this storage" in plan.why(Digest.of(b"elsewhere"))


def test_2_8_takes_the_children_of_a_tagged_index():
    """Distribution issue 3178: the index stays, its platforms cannot be pulled. 3 keeps them."""
    world = World()
    world.index(world.image("ab"), world.image("ac"), tags=("multi",))
    assert letters(DISTRIBUTION_3.plan(world.inventory(), True)) == ""
    broken = DISTRIBUTION_2_8.plan(world.inventory(), True)
    assert letters(broken) == "abc" and len(broken.manifests) == 2
    assert world.whole() == ["app:multi"]
    sweep(world.storage, broken)
    assert world.registry.tags("app") == ("multi",) and world.whole() == []


def test_2_8_gives_up_on_a_repository_that_never_had_a_tag_and_3_does_not():
    """It is about the folder of tags: one that lost its last tag has it still."""
    world = World()
    world.image("ab")
    plan = DISTRIBUTION_2_8.plan(world.inventory(), True)
    assert "unknown repository name=app" in str(plan.failed) and plan.freed_bytes == 0
    with pytest.raises(CollectorFailed, match="unknown repository"):
        sweep(world.storage, plan)
    assert letters(DISTRIBUTION_3.plan(world.inventory(), True)) == "ab"
    world.image("cd", "v1")
    world.registry.handle(Request("DELETE", "/v2/app/manifests/v1"))
    assert letters(DISTRIBUTION_2_8.plan(world.inventory(), True)) == "abcd"


def test_3_drops_links_to_what_a_repository_does_not_need_and_2_8_leaves_them():
    """Else a later push would be told that the layer is there."""
    world = World()
    world.image("ab", "v1")
    world.storage.keep("web", b"a" * 10, layer("a"))
    assert DISTRIBUTION_3.plan(world.inventory()).links == (("web", layer("a")),)
    assert DISTRIBUTION_2_8.plan(world.inventory()).links == ()


@pytest.mark.parametrize("collector", COLLECTORS.values(), ids=COLLECTORS)
def test_no_collector_but_2_8_breaks_a_tagged_image(collector: Collector):
    """Whatever its rules: what has a tag can be pulled whole afterwards."""
    world = World()
    world.image("ab", "v1")
    world.index(world.image("ac"), world.image("ad"), tags=("multi",))
    world.image("ef", name="web")
    world.image("eg", "v1", name="web")
    tagged = world.whole()
    plan = collector.plan(world.inventory(), delete_untagged=True)
    sweep(world.storage, plan)
    assert (world.whole() == tagged) is (collector.name != "distribution-2.8")


@pytest.mark.parametrize(
    ("collector", "hours"), [(HARBOR, 2), (ZOT, 1), (GITLAB, 24)], ids=lambda x: getattr(x, "name", "")
)
def test_a_grace_period_spares_what_is_young(collector, hours):
    """To the second: at the end of the period it may go."""
    world = World()
    world.storage.keep("app", b"a" * 10, layer("a"))
    inventory = world.inventory()
    young = at(inventory, now=1000 + hours * HOUR - 1, written={layer("a"): 1000})
    old = at(inventory, now=1000 + hours * HOUR, written={layer("a"): 1000})
    assert (letters(collector.plan(young)), letters(collector.plan(old))) == ("", "a")
    assert "stays for now" in collector.plan(young).why(layer("a"))


def test_a_soft_delete_frees_nothing_until_it_is_compacted():
    """And what is wanted again in between comes back."""
    world = World()
    world.storage.keep("app", b"a" * 10, layer("a"))
    world.storage.keep("app", b"b" * 10, layer("b"))
    day0 = at(world.inventory(), 0, {})
    assert ACR.plan(day0).swept == {}
    trash = ACR.soft_delete(day0, {})
    assert trash == {layer("a"): 0, layer("b"): 0}
    world.image("a", "v1")
    day3 = at(world.inventory(), 3 * DAY, {})
    trash = ACR.soft_delete(day3, trash)
    assert trash == {layer("b"): 0}
    assert ACR.compact(day3, trash).swept == {}
    assert letters(ACR.compact(at(world.inventory(), 7 * DAY, {}), trash)) == "b"
    assert letters(NEXUS.compact(day3, trash)) == "b"


IMAGES = st.lists(
    st.tuples(NAMES, st.text("abcde", min_size=1, max_size=3), st.sampled_from(["v1", "v2", ""])), max_size=8
)


@given(images=IMAGES, untagged=st.booleans())
def test_counting_references_comes_to_what_marking_comes_to(images, untagged):
    """Two methods, one answer: no reference runs in a circle."""
    world = World()
    pushed = [(name, world.image(layers, *([tag] if tag else []), name=name)) for name, layers, tag in images]
    for name in ("app", "web"):
        if own := [digest for where, digest in pushed if where == name]:
            world.index(*own[:2], tags=("multi",), name=name)
    inventory = world.inventory()
    marked = mark_from_roots(inventory, untagged)
    expected = {digest: size for digest, size in inventory.blobs.items() if digest not in marked}
    assert ReferenceCounting().plan(inventory, untagged).swept == expected
    assert HARBOR.plan(inventory, untagged).swept == expected


@given(images=IMAGES)
def test_the_bytes_only_a_tag_has_are_those_that_deleting_it_frees(images):
    """Found by doing it: delete the tag, collect, count; the exclusive bytes and the forecast agree with that."""
    world = World()
    for name, layers, tag in images:
        world.image(layers, tag or "latest", name=name)
    sweep(world.storage, DISTRIBUTION_3.plan(world.inventory(), True))
    inventory = world.inventory()
    for share in shares(inventory):
        copy = World()
        copy.registry = world.registry.copy()
        copy.storage = copy.registry.storage
        repository, _, tag = share.name.partition(":")
        copy.registry.handle(Request("DELETE", f"/v2/{repository}/manifests/{tag}"))
        freed = sweep(copy.storage, DISTRIBUTION_3.plan(copy.inventory(), True))
        assert freed == share.exclusive_bytes == freed_by(inventory, [share.name])
        assert share.exclusive_bytes + share.shared_bytes == share.bytes


def test_why_names_every_tag_that_keeps_a_blob(world):
    """So one sees how many would have to go; what no tag keeps is shown by its repository."""
    world.image("b", "other", name="web")
    inventory = world.inventory()
    assert [way[0] for way in why(inventory, layer("b"))] == ["app:v1", "web:other"]
    assert [way[0] for way in why(inventory, layer("c"))] == ["app (no tag)"]
    assert why(inventory, Digest.of(b"stray")) == ()


def test_deleting_several_tags_frees_more_than_each_alone(world):
    """What they share with each other and with nobody else goes too: the base."""
    inventory = world.inventory()
    together = freed_by(inventory, ["app:v1", "app:v2"])
    alone = freed_by(inventory, ["app:v1"]) + freed_by(inventory, ["app:v2"])
    assert together == alone + len(b"a" * 10)
    with pytest.raises(ManifestUnknown, match="app:v1, app:v2"):
        freed_by(inventory, ["app:v9"])


def test_layers_are_told_from_configs_and_an_index_counts_through_its_images():
    """By what the manifests say."""
    world = World()
    child = world.image("ab")
    world.index(child, tags=("multi",))
    assert layers_by_tag(world.inventory()) == {f"app:multi@{child.short}": {layer("a"): 10, layer("b"): 10}}


def test_a_digest_is_found_by_its_first_digits(world):
    """One, or an error that says how many."""
    inventory = world.inventory()
    assert inventory.find(layer("a").short) == layer("a")
    with pytest.raises(InvalidValue, match="no blob"):
        inventory.find("sha256:zz")
    with pytest.raises(InvalidValue, match="digests begin so"):
        inventory.find("sha256:")


def test_uploads_are_listed_with_their_age():
    """Those that nobody has gone on with for long."""
    inventory = Inventory({}, {}, {})
    assert abandoned(inventory, 0, 0).rows == ()


# Each lesson's claim has a collector that is wrong on purpose, and a check that finds it.


class Wrong:
    """A collector with one fault."""

    def __init__(self, name: str, references: object) -> None:
        self.name, self.references = name, references

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Mark from the tags, over references that lack something."""
        roots = [(d, f"{n}:{t}") for n, h in inventory.holdings.items() for t, d in (h.tags or {}).items()]
        kept = self.references(inventory, roots)  # type: ignore[operator]
        swept = {digest: size for digest, size in inventory.blobs.items() if digest not in kept}
        return Plan(self.name, delete_untagged, inventory, kept, swept)


Roots = list[tuple[Digest, str]]


def no_children(inventory: Inventory, roots: Roots) -> Marks:
    """Forgets what an index names: it follows no reference of a reference."""
    return mark(inventory, roots, never)


def no_config(inventory: Inventory, roots: Roots) -> Marks:
    """Takes the layers for all there is to an image."""
    images = {d: named[1:] for d, named in inventory.references.items() if d not in inventory.indexes}
    return mark(replace(inventory, references={**inventory.references, **images}), roots)


def first_tag_alone(inventory: Inventory, roots: Roots) -> Marks:
    """Sweeps before marking is done."""
    return mark(inventory, roots[:1])


@pytest.mark.parametrize("fault", [no_children, no_config, first_tag_alone], ids=lambda fault: fault.__name__)
def test_a_wrong_collector_is_found_out(fault):
    """The same check that the true ones pass: what has a tag must be whole afterwards."""
    world = World()
    world.image("ab", "v1")
    world.index(world.image("ac"), world.image("ad"), tags=("multi",))
    tagged = world.whole()
    sweep(world.storage, Wrong(fault.__name__, fault).plan(world.inventory(), True))
    assert world.whole() != tagged


def test_holdings_say_which_manifests_have_a_tag():
    """The first tag by name stands for several."""
    digest = layer("a")
    assert Holding("app", (digest,), {"v1": digest, "v2": digest}).tagged() == {digest: "v1"}


def test_an_unreadable_child_of_a_tagged_index_stops_3_which_follows_it_and_not_2_8():
    """Each stops at what it has to read."""
    world = World()
    child = world.image("ab")
    world.index(child, tags=("multi",))
    seen = world.inventory()
    references = {digest: named for digest, named in seen.references.items() if digest != child}
    blind = replace(seen, references=references, unreadable={child: "not JSON"})
    assert str(child) in str(DISTRIBUTION_3.plan(blind, True).failed)
    assert DISTRIBUTION_2_8.plan(blind, True).failed is None
    assert str(child) in str(DISTRIBUTION_2_8.plan(blind).failed)


@pytest.mark.parametrize(
    ("deleting", "gone"),
    [
        ("manifests/v1", {"tags": 1}),
        ("manifests/{v1}", {"tags": 1, "manifests": 1}),
        ("blobs/{stray}", {"blob links": 1}),
    ],
)
def test_what_each_deletion_leaves_behind(world, deleting, gone):
    """A tag takes a name, a digest the manifest with its tags, a blob a link; none takes a byte."""
    stray = Digest.of(b"stray")
    world.storage.keep("app", b"stray", stray)
    before = world.inventory()
    path = deleting.format(v1=world.registry.image("app:v1").digest, stray=stray)
    assert world.registry.handle(Request("DELETE", f"/v2/app/{path}")).status == 202
    table = left_behind(before, world.inventory())
    assert {what: deleted for what, deleted, _ in table.rows if deleted} == gone
