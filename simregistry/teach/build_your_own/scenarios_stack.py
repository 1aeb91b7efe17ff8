"""Scenarios for stacking: an image of a laptop is stacked by the learner's function, files by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simregistry.client.image_store import ImageStore
from simregistry.oci.entry import file, opaque, whiteout
from simregistry.oci.layer import Changeset
from simregistry.study.examples.small_images import SmallImage, put_small
from simregistry.teach.build_your_own.client_parts import OwnClient
from simregistry.teach.build_your_own.scenario import Part, PartScenario

NAME = "registry.example/app:v1"
Layer = Mapping[str, str]


def stacked(*layers: Changeset) -> Callable[[Part], object]:
    """Stack an image of these layers as a container would see it; directories are left out."""

    def play(mine: Part) -> object:
        store = ImageStore()
        put_small(store, NAME, SmallImage.of_bytes([layer.to_tar() for layer in layers], b"{}"))
        tree = OwnClient(store=store, own_stack=mine).rootfs(NAME)
        return listed({path: entry.content for path, entry in tree.items() if entry.kind == "file"})

    return play


def listed(tree: Mapping[str, bytes]) -> str:
    """Write a tree in a line: each path with its content."""
    return ", ".join(f"{path}={content.decode()}" for path, content in sorted(tree.items())) or "no file"


def upper(*marks: str, **files: str) -> Changeset:
    """Make a layer of whiteouts and of files; a ``/`` in a path is written ``__``."""
    return Changeset((*(whiteout(path) for path in marks), *(file(p.replace("__", "/"), c) for p, c in files.items())))


BASE = Changeset.of({"bin/sh": "s", "etc/a": "1", "etc/b": "2"})
REPLACE = "A path that comes again is the later one."
WHITEOUT = "A file `.wh.NAME` deletes NAME beside it in the layers below, and is itself no file of the tree."
BELOW = "A whiteout of a directory hides all below it, and no neighbour whose name begins alike."
OWN = "Whiteouts apply to the layers below alone (layer.md): the deletions of a layer come before its additions."
OPAQUE = "`.wh..wh..opq` hides all that the layers below have in its directory; what this layer adds there stays."
MARK_STAYS = "Your tree has the mark as a plain file. A mark is an instruction, and it's never unpacked."
STACK = (
    PartScenario(
        "one layer", "bin/sh, etc/a, etc/b", "bin/sh=s, etc/a=1, etc/b=2", stacked(BASE), "One layer alone is the tree."
    ),
    PartScenario(
        "a file comes again",
        "etc/a again, with other content",
        "bin/sh=s, etc/a=new, etc/b=2",
        stacked(BASE, upper(etc__a="new")),
        REPLACE,
    ),
    PartScenario(
        "a file is deleted",
        "a layer with etc/.wh.a",
        "bin/sh=s, etc/b=2",
        stacked(BASE, upper("etc/a")),
        WHITEOUT,
        (("bin/sh=s, etc/.wh.a=, etc/a=1, etc/b=2", MARK_STAYS), ("bin/sh=s, etc/.wh.a=, etc/b=2", MARK_STAYS)),
    ),
    PartScenario(
        "a file at the root is deleted",
        "motd, then .wh.motd",
        "bin/sh=s",
        stacked(upper(motd="hello", bin__sh="s"), upper("motd")),
        WHITEOUT,
    ),
    PartScenario(
        "a directory is deleted",
        "etc/a, etc/x/y, etcetera; then .wh.etc",
        "etcetera=3",
        stacked(upper(etc__a="1", etc__x__y="2", etcetera="3"), upper("etc")),
        BELOW,
        (("no file", "`etcetera` is gone too: compare whole parts of a path, not their first letters."),),
    ),
    PartScenario(
        "deleted, and added again later",
        "etc/a; .wh.a; etc/a again",
        "bin/sh=s, etc/a=again, etc/b=2",
        stacked(BASE, upper("etc/a"), upper(etc__a="again")),
        "Layers are applied one after the other, from the base up.",
    ),
    PartScenario(
        "deleted and added in one layer",
        "one layer with etc/.wh.a and etc/a",
        "bin/sh=s, etc/a=again, etc/b=2",
        stacked(BASE, upper("etc/a", etc__a="again")),
        OWN,
    ),
    PartScenario(
        "a directory is deleted and filled in one layer",
        "one layer with .wh.etc and etc/c",
        "bin/sh=s, etc/c=3",
        stacked(BASE, upper("etc", etc__c="3")),
        OWN,
    ),
    PartScenario(
        "a deletion that sorts after an addition",
        "one layer with etc/-new and etc/.wh.-new",
        "bin/sh=s, etc/-new=2, etc/a=1, etc/b=2",
        stacked(BASE, Changeset((file("etc/-new", "1"),)), Changeset((whiteout("etc/-new"), file("etc/-new", "2")))),
        OWN,
    ),
    PartScenario(
        "an opaque directory",
        "one layer with etc/.wh..wh..opq and etc/-new",
        "bin/sh=s, etc/-new=3",
        stacked(BASE, Changeset((opaque("etc"), file("etc/-new", "3")))),
        OPAQUE,
    ),
    PartScenario(
        "an opaque root",
        "one layer with .wh..wh..opq and init",
        "init=i",
        stacked(BASE, Changeset((opaque(""), file("init", "i")))),
        OPAQUE,
    ),
    PartScenario(
        "an opaque directory and its neighbour",
        "etc/a, etcetera; then etc/.wh..wh..opq",
        "etcetera=3",
        stacked(upper(etc__a="1", etcetera="3"), Changeset((opaque("etc"),))),
        OPAQUE,
    ),
    PartScenario(
        "a file where a directory was",
        "etc/a and etc/b, then a file etc",
        "bin/sh=s, etc=file",
        stacked(BASE, upper(etc="file")),
        "A file in the place of a directory takes all below it away.",
    ),
    PartScenario("no layers", "an image without layers", "no file", stacked(), "Without layers the tree is empty."),
)
