"""The lock-free marks of Cloudflare's serverless-registry: who inserts and who collects leave signs for each other.

Source: cloudflare/serverless-registry, ``docs/garbage-collection.md`` (four interleavings worked through by hand) and
``src/registry/garbage-collector.ts``. Modelled after the document. A few steps read or write two signs at once: the
push's sign with its time, the look, and the taking back. The source also lets a push's sign lapse after 60 seconds,
which is not modelled: what is said here holds for a push whose manifest is written within 60 seconds of its sign.

    put: gc = read "collected"; sign "inserting"; check blobs; no "collecting" and "collected" still gc?; write; unsign
    gc:  sign "collecting"; ins = read "inserted"; list; no "inserting" and "inserted" still ins?; delete; unsign
"""

from __future__ import annotations

from simregistry.oci.manifest import Manifest
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.collectors import COLLECTORS
from simregistry.registry.storage.repository import required
from simregistry.study.races.interleavings import Actor, GiveUp, Memory, Step
from simregistry.study.races.race_scene import RaceScene
from simregistry.study.races.race_steps import ask_for_blob, upload


def stamp(scene: RaceScene, what: str) -> int:
    """Write down that something happened now; no two stamps are the same."""
    scene.counter += 1
    scene.signs[what] = scene.counter
    return scene.counter


def insert_by_marks(name: str, manifest: Manifest, tag: str, *blobs: bytes, looks: bool = True) -> Actor:
    """A push whose manifest is put in by the protocol; ``looks`` False leaves the last look out."""
    mine = f"inserting {name}"

    def note(scene: RaceScene, memory: Memory) -> str:
        memory["collected"] = scene.signs.get("collected", 0)
        return "reads when the last collection was"

    def sign(scene: RaceScene, memory: Memory) -> str:
        scene.signs[mine] = 1
        stamp(scene, "inserted")
        return "leaves the sign: inserting"

    def check(scene: RaceScene, memory: Memory) -> str:
        missing = next((blob.digest for blob in required(manifest) if not scene.has(blob.digest)), None)
        if missing is not None:
            _take_back(scene, mine)
            raise GiveUp(f"404 BLOB_UNKNOWN: {scene.name(missing)}; it has to push again")
        return "sees that each blob is there"

    def look(scene: RaceScene, memory: Memory) -> str:
        collecting = any(sign.startswith("collecting") for sign in scene.signs)
        if looks and (collecting or scene.signs.get("collected", 0) != memory["collected"]):
            _take_back(scene, mine)
            raise GiveUp("a collector is at work, or has been: it has to push again")
        return "sees that no collector is at work or has been since"

    def put(scene: RaceScene, memory: Memory) -> str:
        scene.write(manifest, tag)
        return f"writes the manifest, 201, {tag} points at it"

    def unsign(scene: RaceScene, memory: Memory) -> str:
        _take_back(scene, mine)
        return "takes the sign back"

    steps: tuple[Step[RaceScene], ...] = tuple(step for blob in blobs for step in (ask_for_blob(blob), upload(blob)))
    return Actor(name, (*steps, note, sign, check, look, put, unsign))


def _take_back(scene: RaceScene, sign: str) -> None:
    stamp(scene, "inserted")
    del scene.signs[sign]


def collect_by_marks(name: str = "collector", looks: bool = True, one_sign: bool = True) -> Actor:
    """A collection by the protocol. ``one_sign`` is how it is: all collectors share the one sign "collecting"."""
    mine = "collecting" if one_sign else f"collecting {name}"

    def sign(scene: RaceScene, memory: Memory) -> str:
        scene.signs[mine] = 1
        return "leaves the sign: collecting"

    def begin(scene: RaceScene, memory: Memory) -> str:
        stamp(scene, "collected")
        return "writes down that a collection began"

    def note(scene: RaceScene, memory: Memory) -> str:
        memory["inserted"] = scene.signs.get("inserted", 0)
        return "reads when the last insertion was"

    def listing(scene: RaceScene, memory: Memory) -> str:
        plan = COLLECTORS["distribution-3"].plan(take_inventory(scene.storage))
        memory["doomed"] = tuple(sorted(plan.swept))
        return f"finds {len(plan.swept)} blobs that no manifest names"

    def look(scene: RaceScene, memory: Memory) -> str:
        inserting = any(sign.startswith("inserting") for sign in scene.signs)
        if looks and (inserting or scene.signs.get("inserted", 0) != memory["inserted"]):
            stamp(scene, "collected")
            scene.signs.pop(mine, None)
            raise GiveUp("somebody inserts, or has inserted: it collects another time")
        return "sees that nobody inserts or has inserted since"

    def delete(scene: RaceScene, memory: Memory) -> str:
        gone = [digest for digest in memory["doomed"] if digest in scene.storage.blobs]
        for digest in gone:
            scene.storage.blobs.delete(digest)
        return f"deletes {', '.join(scene.name(digest) for digest in gone) or 'nothing'}"

    def end(scene: RaceScene, memory: Memory) -> str:
        stamp(scene, "collected")
        return "writes down that a collection ended"

    def unsign(scene: RaceScene, memory: Memory) -> str:
        scene.signs.pop(mine, None)
        return "takes the sign back"

    return Actor(name, (sign, begin, note, listing, look, delete, end, unsign))
