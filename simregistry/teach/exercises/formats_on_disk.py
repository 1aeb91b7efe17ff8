"""The real thing: digests that any tool computes, formats, and where something is broken."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from pathlib import Path

from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.docker_archive import DockerArchive, DockerArchiveWriter
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
            f"Its {what} has the digest\n\n    {digest}\n\nWrite the path of its file, from the layout's folder on."
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
            "Image layout, blobs: a folder for each algorithm.",
            "blobs/, the algorithm, and the digits as the file's name.",
        ),
        why=f"{right} (image-spec, image-layout.md, Blobs); it was looked for in a layout that was written.",
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
        ("the digest is the file's name as it stands", f"blobs/{digest}",
         "A colon is not for file names: the algorithm is a folder, the digits are the file."),
        ("files are named after the image", f"{name}/1/{what}",
         "Files are named by what they hold; what the image is called stands in index.json."),
        ("only layers are blobs", "index.json" if what in ("manifest", "config") else f"layers/{digest.encoded}",
         "Layers, configs and manifests lie in one folder, each under its digest."),
    )  # fmt: skip


DAMAGES = ("a bit is flipped", "the file is gone", "bytes were added", "nothing")


Row = tuple[str, str, int, str, int | None]


def damaged_layout(
    registry: Registry, manifest: ImageManifest, name: str, names: dict[Digest, str], how: tuple[Digest, str, float]
) -> tuple[list[Row], bool]:
    """Write a layout, damage a file in it, and say what lies there and whether a reader refuses it."""
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
            "A layout came from somewhere. For each blob: what the manifest's descriptor says, "
            "and what lies in the file. Which one does a careful reader refuse?"
        ),
        answer=OneOf(problem, options),
        misconceptions=_beliefs_on_what_is_broken(problem),
        hints=(
            "Compare the two digests of each row, then the two sizes.",
            "A descriptor names digest and size; both have to fit (image-spec, descriptor.md, Verification).",
        ),
        why=(
            f"{problem} is refused; the other rows fit."
            if problem != "nothing"
            else "All rows fit, so there is nothing to refuse."
        ),
        given=Table(("blob", "descriptor: digest", "size", "file: hash", "bytes"), tuple(rows)),
    )


def _beliefs_on_what_is_broken(problem: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("a file that is there is whole", "nothing",
         "One row does not fit: hold the digest and the size of the descriptor against those of the file."),
        ("the config is what tools check first", "config",
         "The config's row agrees in digest and size. Each file is checked by itself."),
        ("what is broken shows in the top layer", "layer 2",
         "The second layer's row agrees in digest and size. Being on top plays no part."),
        ("what is broken shows in the first layer", "layer 1",
         "The first layer's row agrees in digest and size. What comes first need not break first."),
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
            f"{name}:1 is written to {kind}, which is read into another registry. "
            "Which of these are the same there as before?"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_what_survives(chosen, right),
        hints=("Which of these follow from bytes alone?", "Which bytes does the format carry?"),
        why=f"Found out by writing and reading: {', '.join(sorted(right)) or 'none of these'}.",
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
         "What is named by its bytes keeps its name wherever the bytes are the same."),
        ("everything is the same", frozenset(chosen), "Where an image came from is in none of its bytes."),
        ("only the image ID is kept", frozenset({"the image ID"} & set(chosen)),
         "The image ID is one digest; the others name bytes that were copied as well."),
        ("only layers are kept as they are", frozenset({"the digests of the layers"} & set(chosen)),
         "Config and order are part of what was copied, too."),
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
            f"A config is this JSON, on one line and without a line end:\n\n    {document}\n\nWrite its digest, "
            "as any registry and any tool names it."
        ),
        answer=FreeText(
            str(right),
            lambda text: "" if text == right else "that is the name of other bytes, or not a digest",
            "a digest: sha256: and 64 hexadecimal digits",
        ),
        misconceptions=_beliefs_on_any_tool(document, right),
        hints=(
            "hashlib.sha256(b'…').hexdigest(), or printf '%s' '…' | sha256sum",
            "Bytes are hashed, not meaning: copy the line as it stands.",
        ),
        why="Every tool that hashes these bytes comes to this name; that is why images can go from one to another.",
    )


def _beliefs_on_any_tool(document: str, right: Digest) -> tuple[Misconception, ...]:
    pretty = json.dumps(json.loads(document), indent=2)
    return beliefs(
        ("a tool may write the JSON as it likes", str(Digest.of(pretty.encode())),
         "That is the digest of the same JSON with spaces and lines. Those are other bytes, and so another name."),
        ("a line end belongs to a text", str(Digest.of(f"{document}\n".encode())),
         "That is the digest with a line end. One byte more, another name."),
        ("the digits are enough", right.encoded, "The algorithm belongs to the name."),
    )  # fmt: skip


EXERCISES = (
    Exercise("real.any-tool", "construct", "The name that any tool gives", ("real.digest",), any_tool),
    Exercise(
        "real.where-it-lies", "construct", "Where it lies in a layout", ("real.formats", "real.digest"), where_it_lies
    ),
    Exercise("real.what-survives", "predict", "What survives the way?", ("real.formats",), what_survives),
    Exercise("real.what-is-broken", "find", "Which file is broken?", ("real.digest", "real.formats"), what_is_broken),
    *model_limits.EXERCISES,
)
