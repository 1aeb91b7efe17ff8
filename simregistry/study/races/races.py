"""The races that lose data in real registries, each beside what mends it; every schedule of each can be run.

``RACES`` has for each its source, its actors and whether any schedule loses. The sizes are the smallest in which the
fault shows: one layer, one config, times in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import Rule
from simregistry.study.examples.small_images import SmallImage
from simregistry.study.races import lock_free_marks
from simregistry.study.races.interleavings import Actor, Exploration, explore
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.race_steps import (
    check,
    collector,
    delete_image,
    pull_image,
    push_image,
    restart_cache,
    retention_run,
    write_manifest,
)
from simregistry.table import Table

Cast = tuple[RaceScene, tuple[Actor, ...]]
UPLOAD_SECONDS = 100


@dataclass(frozen=True, slots=True)
class Race:
    """A scene with its actors, and what is known of it."""

    name: str
    says: str
    source: str
    cast: Callable[[], Cast]
    loses: bool

    def run(self) -> Exploration:
        """Run every schedule."""
        scene, actors = self.cast()
        return explore(scene, actors, every_promise_kept)


def race_image(*layers: bytes, config: bytes = b"{}") -> ImageManifest:
    """Make the manifest of an image of these layers."""
    return SmallImage.of_bytes(layers, config).manifest


OLD, NEW = race_image(b"old layer"), race_image(b"new layer")
# So that a schedule reads as a story; what is not here goes by its digest.
NAMES = {
    **{Digest.of(layer): layer.decode() for layer in (b"old layer", b"new layer", b"second layer")},
    **{OLD.digest: "old manifest", NEW.digest: "new manifest", Digest.of(b"{}"): "config"},
}


def race_scene(*on_shelf: bytes, clock: int = 0) -> RaceScene:
    """Make a registry with an image ``v1``, and some blobs that no manifest names any more, all very old."""
    scene = RaceScene(clock=clock, names=NAMES)
    for content in (b"{}", b"old layer", *on_shelf):
        scene.add(content)
    scene.write(OLD, "v1")
    scene.written = dict.fromkeys(scene.written, clock - 10_000)
    return scene


def beside(collecting: Actor, reuse: bool = False, touch: bool = False) -> Callable[[], Cast]:
    """A push of a new image beside a collector; ``reuse``: its layer is on the shelf, and no manifest names it."""

    def cast() -> Cast:
        pushing = push_image("push", NEW, "v2", b"new layer", b"{}", touch=touch)
        return race_scene(*([b"new layer"] if reuse else [])), (pushing, collecting)

    return cast


def slow(grace: int) -> Callable[[], Cast]:
    """A push of two layers, each of which takes its time, beside a collector with a grace period (seconds)."""

    def cast() -> Cast:
        two = race_image(b"new layer", b"second layer")
        pushing = push_image("push", two, "v2", b"new layer", b"second layer", seconds=UPLOAD_SECONDS)
        return race_scene(), (pushing, collector(DISTRIBUTION_3, grace=grace))

    return cast


def two_pushes() -> Cast:
    """Two clients that push images with the same new layer, beside a collector."""
    other = race_image(b"new layer", config=b'{"os":"linux"}')
    pushes = (push_image("push", NEW, "v2", b"new layer"), push_image("second push", other, "v3", b"new layer"))
    start = race_scene(b'{"os":"linux"}')
    start.write(race_image(b"old layer", config=b'{"os":"linux"}'), "base")
    return start, (*pushes, collector(DISTRIBUTION_3))


def again(restarts: bool) -> Callable[[], Cast]:
    """Delete, collect, push again, through a front end that remembers which blobs it has seen."""

    def cast() -> Cast:
        start = race_scene()
        start.cache = set(start.storage.blobs)
        owner, collecting = delete_image(OLD.digest), collector(DISTRIBUTION_3)
        steps = (*owner.steps, *collecting.steps, *([restart_cache()] if restarts else []))
        pushing = push_image("push", OLD, "v1", b"old layer")
        return start, (Actor("owner", (*steps, *pushing.steps)),)

    return cast


def pulling() -> Cast:
    """A pull of an image that its owner deletes, and a collector takes, meanwhile."""
    return race_scene(), (pull_image("v1"), delete_image(OLD.digest), collector(DISTRIBUTION_3))


def children(collecting: Actor) -> Callable[[], Cast]:
    """A push of an index, whose images have no tag of their own, beside a collector with --delete-untagged."""

    def cast() -> Cast:
        start = race_scene(b"new layer")
        index = ImageIndex.of([NEW.descriptor])
        pushing = Actor("push", (check(NEW), write_manifest(NEW, None), check(index), write_manifest(index, "multi")))
        return start, (pushing, collecting)

    return cast


RULES = (Rule("old", "delete", older_than=5_000),)


def cleaning(run: Actor) -> Callable[[], Cast]:
    """A retention run that deletes the tag ``v1``, while somebody pushes a new image to that very tag."""

    def cast() -> Cast:
        return race_scene(b"new layer"), (push_image("push", NEW, "v1", b"new layer"), run)

    return cast


def signs(put_looks: bool = True, gc_looks: bool = True) -> Callable[[], Cast]:
    """A push by Cloudflare's protocol that reuses a blob which no manifest names, beside its collector."""

    def cast() -> Cast:
        pushing = lock_free_marks.insert_by_marks("push", NEW, "v2", looks=put_looks)
        return race_scene(b"new layer"), (pushing, lock_free_marks.collect_by_marks(looks=gc_looks))

    return cast


def two_collectors(one_sign: bool) -> Callable[[], Cast]:
    """The same with two collectors at once, while somebody deletes the image that is being pushed again."""

    def cast() -> Cast:
        start = race_scene(b"new layer")
        start.write(NEW, "old")
        names = ("collector", "second collector")
        collecting = (lock_free_marks.collect_by_marks(name, one_sign=one_sign) for name in names)
        return start, (lock_free_marks.insert_by_marks("push", NEW, "v2"), *collecting, delete_image(NEW.digest))

    return cast


DIST = "distribution/distribution"
SERVERLESS = "cloudflare/serverless-registry, docs/garbage-collection.md"
RACES = tuple(
    Race(*row)
    for row in (
        ("stop the world, but nobody stops", "A collector beside a push", f"{DIST} issues 3045, 2881",
         beside(collector(DISTRIBUTION_3)), True),
        ("read-only mode", "The same, with the registry read-only meanwhile", f"{DIST}, about/garbage-collection",
         beside(collector(DISTRIBUTION_3, read_only=True)), False),
        ("two pushes of one layer", "Both count on it", f"{DIST} issue 3045", two_pushes, True),
        ("list first, then mark", "Shelf first, then mark", f"{DIST} pull 3544",
         beside(collector(DISTRIBUTION_3, list_first=True)), True),
        ("list first, and a reused blob", "The push counts on an old blob", f"{DIST} pull 3544",
         beside(collector(DISTRIBUTION_3, list_first=True), reuse=True), True),
        ("grace shorter than an upload", "50 s, an upload takes 100 s", "Harbor, zot, GitLab: 2, 1, 24 hours",
         slow(50), True),
        ("grace longer than a push", "1,000 s, a push takes 200 s", "Harbor, zot, GitLab: 2, 1, 24 hours",
         slow(1_000), False),
        ("grace, and a reused blob", "The blob is old, and asked for just now", f"{DIST} pull 3544",
         beside(collector(DISTRIBUTION_3, grace=1_000), reuse=True), True),
        ("grace that a HEAD renews", "Asking for a blob makes it young again", "what nearly mends it",
         beside(collector(DISTRIBUTION_3, grace=1_000), reuse=True, touch=True), True),
        ("renewed, and looked at again", "The sweep looks once more how old each blob is", "what mends it",
         beside(collector(DISTRIBUTION_3, grace=1_000, look_again=True), reuse=True, touch=True), False),
        ("looked at again, in two calls", "Somebody can come between the look and the deletion", "what nearly mends it",
         beside(collector(DISTRIBUTION_3, grace=1_000, two_calls=True), reuse=True, touch=True), True),
        ("delete, collect, push again", "A cache says that the layer is there", f"{DIST} issues 3254, 3743, 4569",
         again(False), True),
        ("restart after collecting", "The cache is empty", f"{DIST} issue 3743", again(True), False),
        ("a pull beside delete and collect", "The pull fails in the middle; nothing promised is lost", "the model",
         pulling, False),
        ("untagged children of an index, 2.8", "Read-only mode does not help", f"{DIST} issues 3178, 3004",
         children(collector(DISTRIBUTION_2_8, delete_untagged=True, read_only=True)), True),
        ("untagged children of an index, 3", "It follows the index", f"{DIST} pull 4285",
         children(collector(DISTRIBUTION_3, delete_untagged=True, read_only=True)), False),
        ("retention beside a push", "The tag that it decided on has moved", "the model",
         cleaning(retention_run(RULES)), True),
        ("retention that looks again", "Deletes only what it decided on", "what mends it",
         cleaning(retention_run(RULES, look_again=True)), False),
        ("retention that looks, in two calls", "HEAD of the tag, then DELETE of the tag", "what nearly mends it",
         cleaning(retention_run(RULES, two_calls=True)), True),
        ("retention by digest", "The request names the image that it decided on", "what mends it",
         cleaning(retention_run(RULES, by_digest=True)), False),
        ("Cloudflare's marks", "Who inserts and who collects leave signs", SERVERLESS, signs(), False),
        ("marks, the collector does not look", "Its last look is left out", "planted", signs(gc_looks=False), True),
        ("marks, the push does not look", "Its last look is left out", "planted", signs(put_looks=False), True),
        ("marks, two collectors at once", "They share one sign; the first to end takes it away", "found by exhaustion",
         two_collectors(one_sign=True), True),
        ("marks, a sign for each collector", "As the pushes have", "what mends it",
         two_collectors(one_sign=False), False),
    )
)  # fmt: skip


def race(name: str) -> Race:
    """Find a race by its name; raises KeyError with the names there are."""
    races = {race.name: race for race in RACES}
    if name not in races:
        raise KeyError(f"no race {name!r}; there is {', '.join(races)}")
    return races[name]


def races_table() -> Table:
    """Run them all, a line each: schedules, those that lose, states, and the steps of the shortest that loses."""
    rows = []
    for one in RACES:
        explored = one.run()
        steps = len(explored.shortest) or None
        rows.append((one.name, explored.schedules, explored.losing, len(explored.states), steps))
    return Table(("race", "schedules", "losing", "states", "shortest, steps"), tuple(rows))
