"""The real thing: digests that any tool computes, formats, and where something is broken."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from pathlib import Path

from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_small
from simregistry.table import Table
from simregistry.teach.answers import FreeText, OneOf, SomeOf
from simregistry.teach.exercises import model_limits
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def shop(dice: random.Random) -> tuple[Registry, ImageManifest, str]:
    """Draw an image of two layers in a registry."""
    name = dice.choice(SERVICES)
    image = SmallImage.of_files([("bin/base", "base\n"), (f"app/{name}.py", f"code {dice.randint(1, 999)}\n")])
    registry = Registry(HOST)
    push_small(registry, name, "1", image)
    return registry, image.manifest, name


def parts_of(manifest: ImageManifest) -> dict[str, Digest]:
    """Name the files of an image."""
    layers = {f"layer {number}": layer.digest for number, layer in enumerate(manifest.layers, 1)}
    return {**layers, "config": manifest.config.digest, "manifest": manifest.digest}


def where_it_lies(dice: random.Random) -> Problem:
    """Ask for a blob's place in an OCI layout."""
    registry, manifest, name = shop(dice)
    what = dice.choice(list(parts_of(manifest)))
    digest = parts_of(manifest)[what]
    places = _paths_in_layout(registry, name)
    right = next(place for place in places if place.endswith(digest.encoded))
    return Problem(
        text=(
            f"The image {name}:1 is copied into an OCI image layout. "
            f"Its {what} has the digest\n\n    {digest}\n\n"
            "Write the path of its file. Begin inside the layout's folder."
        ),
        answer=FreeText(
            right,
            lambda path: (
                ""
                if path.removeprefix("./") == right
                else "there is no such file in the layout"
                if path.removeprefix("./") not in places
                else "that file is another part"
            ),
            "a path, such as folder/file",
        ),
        misconceptions=_beliefs_on_where_it_lies(digest, name, what),
        hints=(
            "The folder blobs has a folder for each hash algorithm.",
            "Write blobs/, then the algorithm, then the digits as the file's name.",
        ),
        why=f"The layout was written, and this is the path of the file: {right} (image-spec, image-layout.md, Blobs).",
        also_right=(f"./{right}",),
    )


def _paths_in_layout(registry: Registry, name: str) -> list[str]:
    """Copy the image into a layout and list its files."""
    with tempfile.TemporaryDirectory() as folder:
        copy_image(LocalRepository(registry.storage, name), "1", OciLayout(Path(folder, "layout")))
        places = [
            str(path.relative_to(Path(folder, "layout")).as_posix())
            for path in Path(folder).rglob("*")
            if path.is_file()
        ]
    return places


def _beliefs_on_where_it_lies(digest: Digest, name: str, what: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("the whole digest is the file's name", f"blobs/{digest}",
         "The algorithm before the colon is a folder, and the digits after it are the file."),
        ("files are named after the image", f"{name}/1/{what}",
         "A file is named by the hash of its bytes. The image's name is in index.json."),
        ("only layers are blobs", "index.json" if what in ("manifest", "config") else f"layers/{digest.encoded}",
         "Layers, configs and manifests are all blobs. They are in one folder, each under its digest."),
    )  # fmt: skip


DAMAGES = ("a bit is flipped", "the file is gone", "bytes were added", "nothing")


Row = tuple[str, str, int, str, int | None]


def damaged_layout(
    registry: Registry, manifest: ImageManifest, name: str, names: dict[Digest, str], how: tuple[Digest, str, float]
) -> tuple[list[Row], bool]:
    """Write a layout, damage a file in it, and return what its files have and whether a reader refuses it."""
    damaged, damage, where = how
    with tempfile.TemporaryDirectory() as folder:
        layout = OciLayout(Path(folder, "layout"))
        copy_image(LocalRepository(registry.storage, name), "1", layout)
        places = {digest: Path(folder, "layout", "blobs", digest.algorithm, digest.encoded) for digest in names}
        data = places[damaged].read_bytes()
        at = int(where * len(data))
        if damage == DAMAGES[0]:
            places[damaged].write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        elif damage == DAMAGES[1]:
            places[damaged].unlink()
        elif damage == DAMAGES[2]:
            places[damaged].write_bytes(data + b"\0" * 512)
        rows: list[Row] = []
        for blob in (*manifest.layers, manifest.config):
            content = places[blob.digest].read_bytes() if places[blob.digest].exists() else None
            held = ("no file", None) if content is None else (hashlib.sha256(content).hexdigest()[:12], len(content))
            rows.append((names[blob.digest], blob.digest.short, blob.size, *held))
        try:
            copy_image(layout, "1", LocalRepository(Registry("fresh.example").storage, name))
        except SimRegistryError:
            return rows, True
    return rows, False


def what_is_broken(dice: random.Random) -> Problem:
    """Ask which file of a layout is broken, by name, size and hash."""
    registry, manifest, name = shop(dice)
    names = {digest: what for what, digest in parts_of(manifest).items() if what != "manifest"}
    damaged, damage = dice.choice(list(names)), dice.choice(DAMAGES)
    rows, refused = damaged_layout(registry, manifest, name, names, (damaged, damage, dice.random()))
    problem = names[damaged] if refused else "nothing"
    broken = {row[0]: row for row in rows if (row[1], row[2]) != (row[3], row[4])}
    options = (*names.values(), "nothing")
    assert set(broken) == ({problem} if problem != "nothing" else set()), "the reader notices what the table shows"
    return Problem(
        text=(
            "Somebody sends you an image layout. The table shows for each blob what the manifest's descriptor says, "
            "and what is in the file. Which blob does a careful reader refuse?"
        ),
        answer=OneOf(problem, options),
        misconceptions=_beliefs_on_what_is_broken(problem),
        hints=(
            "Compare the two digests of each row, then the two sizes.",
            "A descriptor has a digest and a size, and both have to fit (image-spec, descriptor.md, Verification).",
        ),
        why=(
            f"{problem} is refused. In all other rows, the file fits its descriptor."
            if problem != "nothing"
            else "In all rows the file fits its descriptor, so there is nothing to refuse."
        ),
        given=Table(("blob", "descriptor: digest", "size", "file: hash", "bytes"), tuple(rows)),
    )


def _beliefs_on_what_is_broken(problem: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("a file that is there is whole", "nothing",
         "One row does not fit. Compare the descriptor's digest and size with those of the file."),
        ("the config is what tools check first", "config",
         "The config's file has the right digest and size. Each file is checked by itself."),
        ("what is broken shows in the top layer", "layer 2",
         "The second layer's file has the right digest and size. Its place in the stack doesn't matter."),
        ("what is broken shows in the first layer", "layer 1",
         "The first layer's file has the right digest and size. Its place in the stack doesn't matter."),
        unless=problem,
    )  # fmt: skip


def what_survives(dice: random.Random) -> Problem:
    """Ask what stays the same on the way through a format."""
    registry, manifest, name = shop(dice)
    kind = dice.choice(("an OCI layout", "a docker save archive"))
    back, after = _there_and_back(kind, registry, name)
    assert isinstance(after, ImageManifest)
    things = _what_stays(manifest, after, back)
    chosen = dice.sample(list(things), 4)
    right = frozenset(thing for thing in chosen if things[thing])
    return Problem(
        text=(
            f"{name}:1 is written to {kind}. Then another registry reads it from there. "
            "Which of these are the same in the other registry?"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_what_survives(chosen, right),
        hints=("Which of these follow from bytes alone?", "Which bytes does the format carry?"),
        why="The image was written and read again. These stayed the same: "
        f"{', '.join(sorted(right)) or 'nothing in the list'}.",
        given=Table(("thing",), tuple((thing,) for thing in chosen)),
    )


def _what_stays(manifest: ImageManifest, after: ImageManifest, back: Registry) -> dict[str, bool]:
    """Say of each thing whether it is the same there as before."""
    return {
        "the digests of the layers": [x.digest for x in manifest.layers] == [x.digest for x in after.layers],
        "the image ID": manifest.config.digest == after.config.digest,
        "the manifest's digest": manifest.digest == after.digest,
        "the order of the layers": [x.digest for x in manifest.layers] == [x.digest for x in after.layers],
        "the name of the registry it came from": "registry.example" in str(back.images()),
    }  # fmt: skip


def _there_and_back(kind: str, registry: Registry, name: str) -> tuple[Registry, ImageManifest | ImageIndex]:
    """Write the image in a format, and read it into another registry."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "there")
        if kind == "an OCI layout":
            copy_image(LocalRepository(registry.storage, name), "1", OciLayout(place))
            source: OciLayout | DockerArchive = OciLayout(place)
        else:
            writer = DockerArchiveWriter(place)
            copy_image(LocalRepository(registry.storage, name), "1", writer, f"{HOST}/{name}:1")
            writer.close()
            source = DockerArchive(place)
        back = Registry("back.example")
        tag = source.names()[0]
        copy_image(source, tag, LocalRepository(back.storage, name), "1")
        after = back.manifest(name, "1")
    return back, after


def _beliefs_on_what_survives(chosen: list[str], right: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a copy is another image", frozenset(),
         "A digest depends on the bytes alone, and the bytes were copied."),
        ("everything is the same", frozenset(chosen), "No byte of an image says which registry it came from."),
        ("only the image ID is kept", frozenset({"the image ID"} & set(chosen)),
         "The image ID is the config's digest. The other parts were copied as well."),
        ("only layers are kept as they are", frozenset({"the digests of the layers"} & set(chosen)),
         "The config was copied too, and the manifest keeps the order."),
        unless=right,
    )  # fmt: skip


def any_tool(dice: random.Random) -> Problem:
    """Ask for the name that a tool gives to a document."""
    document = json.dumps(
        {"architecture": "amd64", "os": "linux", "number": dice.randint(1, 999)}, separators=(",", ":"), sort_keys=True
    )
    right = Digest.of(document.encode())
    return Problem(
        text=(
            f"A config is this JSON. It is one line, and there is no line end after it.\n\n    {document}\n\n"
            "Write its digest, as any registry and any tool computes it."
        ),
        answer=FreeText(
            str(right),
            lambda text: "" if text == right else "that is the digest of other bytes, or it isn't a digest",
            "a digest: sha256: and 64 hexadecimal digits",
        ),
        misconceptions=_beliefs_on_any_tool(document, right),
        hints=(
            "In Python: hashlib.sha256(b'…').hexdigest(). In a terminal: printf '%s' '…' | sha256sum",
            "Every byte counts, so copy the line exactly.",
        ),
        why="Every tool that hashes these bytes gets this digest. So an image can move from one tool to another.",
    )


def _beliefs_on_any_tool(document: str, right: Digest) -> tuple[Misconception, ...]:
    pretty = json.dumps(json.loads(document), indent=2)
    return beliefs(
        ("a tool may write the JSON as it likes", str(Digest.of(pretty.encode())),
         "That is the digest of the same JSON written with spaces and on several lines. Those are different bytes."),
        ("a line end belongs to every text", str(Digest.of(f"{document}\n".encode())),
         "That is the digest with a line end after it. One more byte gives a different digest."),
        ("the digits are enough", right.encoded, "A digest begins with its algorithm, as in sha256:…"),
    )  # fmt: skip


EXERCISES = (
    Exercise("real.any-tool", "construct", "The digest that any tool computes", ("real.digest",), any_tool),
    Exercise(
        "real.where-it-lies", "construct", "Where is it in a layout?", ("real.formats", "real.digest"), where_it_lies
    ),
    Exercise("real.what-survives", "predict", "What stays the same on the way?", ("real.formats",), what_survives),
    Exercise("real.what-is-broken", "find", "Which file is broken?", ("real.digest", "real.formats"), what_is_broken),
    *model_limits.EXERCISES,
)
