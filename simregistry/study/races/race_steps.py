"""What the actors of a race do, step by step, to one registry; each step is a moment in which somebody else may act.

The registry, its answers and the collectors are those of all other lessons. Split here is only what a real registry
does in several moments too: a push that asks, uploads, has its manifest checked and then written; a collector that
marks, lists and sweeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.oci.messages import Request
from simregistry.registry.api.routes import handle
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.collectors import Collector
from simregistry.registry.retention import Rule, dry_run, subjects_of
from simregistry.registry.storage.repository import required
from simregistry.study.races.interleavings import Actor, GiveUp, Memory, Step, Wait
from simregistry.study.races.race_scene import REPOSITORY, RaceScene


def ask_for_blob(content: bytes, touch: bool = False) -> Step[RaceScene]:
    """HEAD: is the blob there? ``touch`` makes the answer renew the blob's age."""

    def step(scene: RaceScene, memory: Memory) -> str:
        digest = Digest.of(content)
        there = scene.has(digest)
        memory["have"] = frozenset({*memory.get("have", ()), *([digest] if there else [])})
        if there and touch:
            scene.written[digest] = scene.clock
        return f"HEAD {scene.name(digest)}: {'200, it is there' if there else '404'}"

    return step


def upload(content: bytes, seconds: int = 0) -> Step[RaceScene]:
    """Upload a blob, unless it was said to be there; it takes some seconds and is on the shelf at their end."""

    def step(scene: RaceScene, memory: Memory) -> str:
        digest = Digest.of(content)
        if digest in memory.get("have", ()):
            return f"skips {scene.name(digest)}: it was told that it is there"
        if scene.read_only:
            raise GiveUp("405: the registry is read-only")
        scene.clock += seconds
        scene.add(content)
        return f"uploads {scene.name(digest)}" + (f", which takes {seconds} s" if seconds else "")

    return step


def check(manifest: Manifest) -> Step[RaceScene]:
    """The registry gets the manifest and looks whether its blobs are there."""

    def step(scene: RaceScene, memory: Memory) -> str:
        if scene.read_only:
            raise GiveUp("405: the registry is read-only")
        for needed in required(manifest):
            if not scene.has(needed.digest):
                raise GiveUp(f"404 MANIFEST_BLOB_UNKNOWN: {scene.name(needed.digest)}; it has to push again")
        scene.busy.add(manifest.digest)
        return "PUT manifest: the registry sees that each blob is there"

    return step


def write_manifest(manifest: Manifest, tag: str | None) -> Step[RaceScene]:
    """The registry writes the manifest and answers 201."""

    def step(scene: RaceScene, memory: Memory) -> str:
        scene.write(manifest, tag)
        return f"PUT manifest: written, 201{f', {tag} points at it' if tag else ''}"

    return step


def push_image(
    name: str, manifest: Manifest, tag: str | None, *blobs: bytes, touch: bool = False, seconds: int = 0
) -> Actor:
    """A client that pushes an image: for each blob ask and upload, then the manifest, checked and written."""
    steps = [step for blob in blobs for step in (ask_for_blob(blob, touch), upload(blob, seconds))]
    return Actor(name, (*steps, check(manifest), write_manifest(manifest, tag)))


def delete_image(digest: Digest) -> Actor:
    """Somebody who deletes an image by its digest, tags and all."""

    def step(scene: RaceScene, memory: Memory) -> str:
        answer = handle(scene.storage, Request("DELETE", f"/v2/{REPOSITORY}/manifests/{digest}"))
        scene.promised = {tag: to for tag, to in scene.promised.items() if to != digest}
        return f"DELETE {scene.name(digest)}: {answer.status}"

    return Actor("owner", (step,))


def pull_image(tag: str) -> Actor:
    """A client that pulls a tag: the manifest, then the config and the first layer."""

    def manifest(scene: RaceScene, memory: Memory) -> str:
        answer = handle(scene.storage, Request("GET", f"/v2/{REPOSITORY}/manifests/{tag}"))
        if answer.status != 200:
            raise GiveUp(f"GET manifest {tag}: {answer.status}")
        repository = scene.storage.repository(REPOSITORY)
        memory["wanted"] = tuple(blob.digest for blob in required(repository.manifests[repository.resolve(tag)]))
        return f"GET manifest {tag}: 200"

    def blob(number: int) -> Step[RaceScene]:
        def step(scene: RaceScene, memory: Memory) -> str:
            digest = memory["wanted"][number]
            answer = handle(scene.storage, Request("GET", f"/v2/{REPOSITORY}/blobs/{digest}"))
            if answer.status != 200:
                raise GiveUp(f"GET {scene.name(digest)}: {answer.status}; the pull fails in the middle")
            return f"GET {scene.name(digest)}: 200"

        return step

    return Actor("pull", (manifest, blob(-1), blob(0)))


def collector(
    rules: Collector,
    delete_untagged: bool = False,
    grace: int = 0,
    list_first: bool = False,
    read_only: bool = False,
    look_again: bool = False,
    two_calls: bool = False,
    name: str = "collector",
) -> Actor:
    """A collector: mark, list what is not marked and old enough, sweep; or list first, then mark.

    ``grace`` is in seconds; ``look_again`` asks a blob's age once more in the moment of its sweep. ``two_calls`` makes
    that look a step before the sweep, as in a storage that can't look and delete in one call.
    """

    def old_enough(scene: RaceScene, digests: Iterable[Digest]) -> frozenset[Digest]:
        return frozenset(d for d in digests if scene.clock - scene.written.get(d, -grace) >= grace)

    def mark(scene: RaceScene, memory: Memory) -> str:
        plan = rules.plan(take_inventory(scene.storage), delete_untagged)
        if plan.failed:
            raise GiveUp(plan.failed)
        memory["kept"], memory["manifests"] = frozenset(plan.kept.marked), plan.manifests
        return f"marks {len(plan.kept.marked)} digests"

    def listing(scene: RaceScene, memory: Memory) -> str:
        memory["listed"] = old_enough(scene, scene.storage.blobs)
        return f"lists {len(memory['listed'])} blobs"

    def look(scene: RaceScene, memory: Memory) -> str:
        memory["listed"] = old_enough(scene, memory["listed"])
        return "looks again how old each blob is"

    def sweep(scene: RaceScene, memory: Memory) -> str:
        doomed = memory["listed"] - memory["kept"]
        for repository, digest in memory["manifests"]:
            # A tag that was pushed since the marking stays behind and leads to nothing.
            scene.storage.repository(repository).drop_revision(digest)
        if look_again:
            doomed = old_enough(scene, doomed)
        gone = sorted(digest for digest in doomed if digest in scene.storage.blobs)
        for digest in gone:
            scene.storage.blobs.delete(digest)
            scene.written.pop(digest, None)
        return f"sweeps {', '.join(scene.name(digest) for digest in gone) or 'nothing'}"

    notes = (listing, mark) if list_first else (mark, listing)
    inner = (*notes, look, sweep) if two_calls else (*notes, sweep)
    return Actor(name, (*switch(True), *inner, *switch(False)) if read_only else inner)


def switch(on: bool) -> tuple[Step[RaceScene], ...]:
    """Switch to read-only mode or back: a restart, which waits for requests under way."""

    def step(scene: RaceScene, memory: Memory) -> str:
        if scene.busy:
            raise Wait
        scene.read_only = on
        return "restarts the registry read-only" if on else "restarts it for writing"

    return (step,)


def restart_cache() -> Step[RaceScene]:
    """Restart a front end: it has seen nothing yet."""

    def step(scene: RaceScene, memory: Memory) -> str:
        scene.cache = None if scene.cache is None else set()
        return "restarts the registry: its cache is empty"

    return step


def retention_run(
    rules: tuple[Rule, ...], look_again: bool = False, two_calls: bool = False, by_digest: bool = False
) -> Actor:
    """A retention run: decide, then delete the tags.

    ``look_again`` deletes a tag only where it still points at the same. ``two_calls`` asks that before, by a HEAD of
    its own. ``by_digest`` deletes the image that was decided on, with all its tags.
    """

    def decide(scene: RaceScene, memory: Memory) -> str:
        inventory = take_inventory(scene.storage)
        since = {f"{REPOSITORY}:{tag}": float(scene.written.get(d, 0)) for tag, d in _tags(scene).items()}
        memory["plan"] = dry_run(inventory, subjects_of(inventory, since), rules, scene.clock)
        return f"decides to delete {', '.join(s.name for s in memory['plan'].deleted) or 'nothing'}"

    def look(scene: RaceScene, memory: Memory) -> str:
        memory["same"] = tuple(s.digest for s in memory["plan"].deleted if _tags(scene).get(s.tag or "") == s.digest)
        return f"HEAD of the tags: {len(memory['same'])} of them as decided"

    def act(scene: RaceScene, memory: Memory) -> str:
        gone = [s for s in memory["plan"].deleted if s.tag in _tags(scene)]
        if two_calls:
            gone = [s for s in gone if s.digest in memory["same"]]
        if look_again:
            gone = [s for s in gone if _tags(scene)[s.tag or ""] == s.digest]
        for subject in gone:
            # What was decided on was this image: a newer one under the tag was promised to somebody.
            if scene.promised.get(subject.tag or "") == subject.digest:
                del scene.promised[subject.tag or ""]
            scene.storage.repository(REPOSITORY).delete_tag(subject.tag or "")
        return f"deletes {', '.join(s.name for s in gone) or 'nothing'}"

    def act_by_digest(scene: RaceScene, memory: Memory) -> str:
        images = sorted({s.digest for s in memory["plan"].deleted if s.digest is not None})
        return ", ".join(delete_image(digest).steps[0](scene, memory) for digest in images) or "deletes nothing"

    return Actor(
        "retention", (decide, act_by_digest) if by_digest else (decide, look, act) if two_calls else (decide, act)
    )


def _tags(scene: RaceScene) -> Mapping[str, Digest]:
    return scene.storage.repository_to_write(REPOSITORY).tags
