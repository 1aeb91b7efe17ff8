"""Scenarios for the collector: mark and sweep."""

from __future__ import annotations

from collections.abc import Callable

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import take_inventory
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_blobs
from simregistry.teach.build_your_own.collector_parts import OwnCollector, collect_with_parts
from simregistry.teach.build_your_own.letter_world import LetterWorld, config, layer, letter_image
from simregistry.teach.build_your_own.scenario import Part, PartScenario

Build = Callable[[LetterWorld], object]


def left(build: Build) -> Callable[[Part], object]:
    """Fill a registry, collect by the learner's mark, and list what is left on the shelf."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        build(world)
        collect_with_parts(world.storage, mark=mine)
        return world.shelf()

    return play


def with_a_stray(world: LetterWorld) -> None:
    """Leave a tagged image, and blobs of one whose manifest never came."""
    world.image("ab", "v1")
    world.blobs("x")


def untagged(world: LetterWorld) -> None:
    """Leave one image with a tag and one without, which share a layer."""
    world.image("ab", "v1")
    world.image("ac")


def platforms(world: LetterWorld) -> None:
    """Make an index over two images that have no tag of their own."""
    world.index("app", [world.image("a"), world.image("b")], "v1")


def nested(world: LetterWorld) -> None:
    """Make an index that names an index."""
    inner = world.index("inner", [world.image("a")])
    world.index("outer", [inner, world.image("b")], "v1")


def child_tagged(world: LetterWorld) -> None:
    """Give an index and its child a tag each, and delete neither."""
    child = world.image("a", "a")
    world.index("app", [child, world.image("b")], "v1")


def orphaned(world: LetterWorld) -> None:
    """Leave an index without a tag over an image that has one."""
    world.index("app", [world.image("a", "a"), world.image("b")])


def signed(world: LetterWorld) -> None:
    """Put a tagged signature that names an untagged image as its subject."""
    world.image("s", "signature", subject=world.image("a").manifest.descriptor)


def ladder(world: LetterWorld) -> None:
    """Make forty steps of two indexes that both name the two of the step below: 2^40 ways down, 83 manifests."""
    two: list[SmallImage | SmallIndex] = [world.image("a"), world.image("b")]
    for step in range(40):
        two = [world.index(f"{step}{side}", two) for side in "lr"]
    world.index("top", two, "v1")


def down_the_ladder(mine: Part) -> object:
    """Count what is marked from the top of the ladder."""
    world = LetterWorld()
    ladder(world)
    plan = OwnCollector(world.storage, mine).plan(take_inventory(world.storage), delete_untagged=True)
    return f"{len(plan.kept.marked)} marked, {len(plan.swept)} to go"


CONFIG = "A manifest names its config and its layers; both are needed to run the image."
CHILDREN = "An index names manifests; from each of them the way goes on, as from a root."
MARK = (
    PartScenario(
        "one tagged image",
        "app:v1 of layers a and b; a blob that nothing names",
        "config ab, layer a, layer b, manifest ab",
        left(with_a_stray),
        f"{CONFIG} The manifest itself is a blob too.",
        (
            ("layer a, layer b, manifest ab", "The config is swept: the image cannot be run any more."),
            ("config ab, manifest ab", "The layers are swept."),
        ),
    ),
    PartScenario(
        "a shared layer",
        "app:v1 of a and b; an image of a and c without a tag",
        "config ab, layer a, layer b, manifest ab",
        left(untagged),
        "What a root leads to stays, even if others that name it are deleted. An image without a tag isn't a root.",
    ),
    PartScenario(
        "an image for two platforms",
        "a tagged index over two untagged images",
        "config a, config b, index app, layer a, layer b, manifest a, manifest b",
        left(platforms),
        CHILDREN,
        (
            ("index app", "Nothing but the index is left: the pull of any platform fails now."),
            (
                "index app, manifest a, manifest b",
                "The manifests are left, their configs and layers are swept: mark from each child on.",
            ),
        ),
    ),
    PartScenario(
        "an index in an index",
        "a tagged index over an index and an image",
        "config a, config b, index inner, index outer, layer a, layer b, manifest a, manifest b",
        left(nested),
        f"{CHILDREN} However deep it goes.",
    ),
    PartScenario(
        "a tag on an index and on its child",
        "two tags; one leads to an index, one to an image in it",
        "config a, config b, index app, layer a, layer b, manifest a, manifest b",
        left(child_tagged),
        "Come by again where something is marked already, but do not give up the rest.",
    ),
    PartScenario(
        "a tag on the child alone",
        "an untagged index; one of its two images has a tag",
        "config a, layer a, manifest a",
        left(orphaned),
        "The way goes from the roots down, never up: that an index names it keeps nothing, if no way leads to the "
        "index.",
    ),
    PartScenario(
        "a signature",
        "a tagged signature; the image that is its subject has no tag",
        "config s, layer s, manifest s",
        left(signed),
        "`subject` says whom a manifest is about; it keeps nothing.",
    ),
    PartScenario(
        "two repositories",
        "app:v1 of a, other:v1 of a and b",
        "config a, config ab, layer a, layer b, manifest a, manifest ab",
        left(lambda world: (world.image("a", "v1"), world.image("ab", "v1", name="other"))),
        "There may be several roots; start from each.",
    ),
    PartScenario(
        "no tags at all",
        "an image whose tag was deleted",
        "nothing",
        left(lambda world: world.image("ab")),
        "Without roots nothing is marked.",
    ),
    PartScenario(
        "a ladder",
        "forty steps of two indexes, each naming both of the step below: 2^40 ways",
        "87 marked, 0 to go",
        down_the_ladder,
        "What is marked was followed already: do not follow it again, or the ways double with each step.",
    ),
)


def swept(
    build: Build, late: str = "", noted: dict[str, float] | None = None, began: float = 100.0
) -> Callable[[Part], object]:
    """Fill a registry and collect by the learner's sweep; ``late`` is an image that is pushed after the mark began."""

    def play(mine: Part) -> object:
        world = LetterWorld()
        build(world)
        written: dict[Digest, float] = {Digest.of(layer(letter)): moment for letter, moment in (noted or {}).items()}

        def meanwhile() -> None:
            if late:
                image = world.image(late, "late")
                written.update(dict.fromkeys((*image.blobs, image.manifest.digest), 150.0))

        freed = collect_with_parts(world.storage, sweep=mine, written=written, began=began, meanwhile=meanwhile)
        return f"{freed} bytes freed; left: {world.shelf()}"

    return play


def loose(*letters: str) -> Build:
    """Put a tagged image of layer a on the shelf, and layers that nothing names."""

    def build(world: LetterWorld) -> None:
        world.image("a", "v1")
        for letter in letters:
            world.make(letter)
            push_blobs(world.registry, "app", {Digest.of(layer(letter)): layer(letter)})

    return build


def only_loose(world: LetterWorld) -> None:
    """Put blobs on the shelf that nothing names, and nothing else."""
    world.blobs("xyz")


def lost(late: str) -> str:
    """Write the outcome of a sweep that wrongly takes a late image: its bytes, and the ten of layer x."""
    image = letter_image(late)
    gone = 10 + image.manifest.size + sum(len(blob) for blob in image.blobs.values())
    return f"{gone} bytes freed; left: config a, layer a, manifest a"


FREED = "delete(digest) gives the bytes that it frees; give back their sum."
NOT_YET = "What came when the mark had begun, or later, was not looked at: it stays until the next time."
SWEEP = (
    PartScenario(
        "one blob that nothing names",
        "app:v1 of layer a; layer x of 10 bytes",
        "10 bytes freed; left: config a, layer a, manifest a",
        swept(loose("x")),
        f"What is not marked goes. {FREED}",
        (("0 bytes freed; left: config a, layer a, layer x, manifest a", "Nothing was deleted."),),
    ),
    PartScenario(
        "several blobs",
        "layers x, y and z of 10 bytes each",
        "30 bytes freed; left: config a, layer a, manifest a",
        swept(loose("x", "y", "z")),
        FREED,
    ),
    PartScenario(
        "nothing to sweep",
        "all is marked",
        "0 bytes freed; left: config a, layer a, manifest a",
        swept(loose()),
        "Nothing freed is 0, not None.",
    ),
    PartScenario(
        "nothing is marked",
        "three layers and a config, no tag",
        f"{30 + len(config('xyz'))} bytes freed; left: nothing",
        swept(only_loose),
        "All may go. Do not delete from a store while you go through it: take the list first.",
    ),
    PartScenario(
        "a push comes in while the mark is under way",
        "the mark begins at second 100; an image of layer b comes at second 150",
        "10 bytes freed; left: config a, config b, layer a, layer b, manifest a, manifest b",
        swept(loose("x"), late="b"),
        NOT_YET,
        ((lost("b"), "A tag points at nothing now: this is how a collector that runs beside pushes loses an image."),),
    ),
    PartScenario(
        "written at that moment",
        "layer x at second 100, when the mark begins",
        "0 bytes freed; left: config a, layer a, layer x, manifest a",
        swept(loose("x"), noted={"x": 100.0}),
        NOT_YET,
    ),
    PartScenario(
        "written just before",
        "layer x at second 99, layer y at second 101",
        "10 bytes freed; left: config a, layer a, layer y, manifest a",
        swept(loose("x", "y"), noted={"x": 99.0, "y": 101.0}),
        f"{NOT_YET} What came before goes, if nothing marks it.",
    ),
    PartScenario(
        "a mark at second 0",
        "layer x at second -1, layer y at second 0, and nobody noted when layer z came",
        "20 bytes freed; left: config a, layer a, layer y, manifest a",
        swept(loose("x", "y", "z"), noted={"x": -1.0, "y": 0.0}, began=0.0),
        f"{NOT_YET} What `written` does not know is old, whatever the clock says.",
    ),
    PartScenario(
        "written at second 0",
        "layer x at second 0",
        "10 bytes freed; left: config a, layer a, manifest a",
        swept(loose("x"), noted={"x": 0.0}),
        "Second 0 is long before.",
    ),
)
