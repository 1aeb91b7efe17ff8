"""Layers and hashes: what makes a layer, what changes its digest, what a container sees of a stack."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection
from dataclasses import replace

from simregistry.client.build.run_effects import RunEffect
from simregistry.client.client import Client
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry, file
from simregistry.oci.layer import Changeset
from simregistry.oci.rootfs import stack
from simregistry.table import Table
from simregistry.teach.answers import FreeText, Number, SomeOf
from simregistry.teach.exercises.compressed_layers import compressed_anew
from simregistry.teach.exercises.named_layers import HOST, SERVICES, indented
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

METADATA = (
    "ENV PORT=8080",
    'CMD ["/app/run"]',
    "EXPOSE 8080",
    "USER app",
    "LABEL team=shop",
    'ENTRYPOINT ["/app/run"]',
)
CHANGING = ("COPY app.py /app/", "COPY notes.txt /app/", "RUN install-packages", "RUN make-index", "COPY data /data/")
CONTEXT = {"app.py": "print('hello')\n", "notes.txt": "a note\n", "data/one": "1\n", "data/two": "2\n"}
KB = 1000


def which_layers(dice: random.Random) -> Problem:
    """Ask which instructions of a Dockerfile make a layer."""
    lines = [*dice.sample(CHANGING, dice.randint(2, 3)), *dice.sample(METADATA, dice.randint(2, 3))]
    dice.shuffle(lines)
    report = Client().build(f"{HOST}/app:1", "\n".join(["FROM scratch", *lines]), CONTEXT)
    made = frozenset(step.text for step in report.steps if step.layer is not None)
    return Problem(
        text=("Which of these instructions make a layer?\n\n" + indented(["FROM scratch", *lines])),
        answer=SomeOf(made, tuple(lines)),
        misconceptions=_beliefs_on_which_layers(lines, made),
        hints=(
            "A layer is a set of changes to files.",
            "Which lines change files, and which only say how to start the image?",
        ),
        why=f"{len(made)} of these {len(lines)} lines change files. The others are written into the config.",
    )


def _beliefs_on_which_layers(lines: list[str], made: frozenset[str]) -> tuple[Misconception, ...]:
    runs = frozenset(line for line in lines if line.startswith("RUN"))
    copies = frozenset(line for line in lines if line.startswith("COPY"))
    # Where no line is a RUN, or none a COPY, that belief has no answer of its own, and is left out.
    return beliefs(
        ("every instruction makes a layer", frozenset(lines),
         "A layer has files in it. An instruction that only says how to run the image goes into the config."),
        ("only RUN makes layers", runs or made, "COPY puts files into the image too. They have to be in some layer."),
        ("only COPY makes layers", copies or made, "What a command writes has to be in some layer too."),
        unless=made,
    )  # fmt: skip


def what_changes_the_digest(dice: random.Random) -> Problem:
    """Ask which changes give a layer a different digest."""
    name, text = dice.choice(("app/main.py", "etc/app.conf", "bin/run")), f"version {dice.randint(1, 99)}\n"
    other = "app/readme.txt"
    entries = [file(name, text), file(other, "read me\n")]
    changes = _layers_by_change(entries, name, text)
    chosen = dice.sample(list(changes), 5)
    own = Changeset.of(entries).diff_id
    right = frozenset(what for what in chosen if Changeset.of(changes[what]).diff_id != own)
    return Problem(
        text=(
            f"A layer has the files {name} and {other}. Which of these changes give the layer a different digest? "
            "(This course's builder sorts the names and keeps the times that it's given.)"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_what_changes_the_digest(right, chosen),
        hints=(
            "The digest is the hash of the whole archive, and of nothing else.",
            "What does a tar archive store about a file besides its contents?",
        ),
        why="The digest depends only on the archive. It has the files' contents, names, permissions and times.",
    )


def _layers_by_change(entries: list[Entry], name: str, text: str) -> dict[str, list[Entry]]:
    """Make the layer after each change."""
    moved = [replace(entries[0], path=f"old/{name}"), entries[1]]
    return {
        "one byte of a file": [file(name, text.replace("v", "V")), entries[1]],
        "a file's name": moved,
        "a file's permissions": [file(name, text, 0o755), entries[1]],
        "one more file": [*entries, file("app/extra", "")],
        "the order in which the files were added": entries[::-1],
        "the name of the image": list(entries),
        "the machine that builds it": list(entries),
        "a comment in the Dockerfile": list(entries),
        "a file's time of change": [replace(entries[0], mtime=1_700_000_000), entries[1]],
    }  # fmt: skip


def _beliefs_on_what_changes_the_digest(right: frozenset[str], chosen: list[str]) -> tuple[Misconception, ...]:
    contents = right & {"one byte of a file", "one more file"}
    return beliefs(
        ("only the contents of files count", contents,
         "The archive has names, permissions and times in it too. They're hashed with the rest."),
        ("every change of anything counts", frozenset(chosen),
         "What isn't in the archive can't change its hash. Look for what stays outside."),
        ("nothing but the name of the image counts", frozenset(chosen) & {"the name of the image"},
         "The name is kept outside the archive. The digest is the hash of the archive's bytes."),
        unless=right,
    )  # fmt: skip


def compute_digest(dice: random.Random) -> Problem:
    """Ask for the digest of a few bytes, to be computed with any tool."""
    text = f"layer {dice.randint(100, 999)} of {dice.choice(SERVICES)}"
    right = Digest.of(text.encode())

    def problem(answer: str) -> str:
        if answer == right:
            return ""
        shape = "write sha256, a colon and 64 hexadecimal digits, all in lower case"
        return (
            "this is the digest of different bytes"
            if answer.startswith("sha256:") and len(answer) == len(right)
            else shape
        )

    return Problem(
        text=(
            f"Compute the digest of these {len(text)} bytes, with Python's hashlib or with sha256sum. No line end "
            f"follows them.\n\n    {text}"
        ),
        answer=FreeText(str(right), problem, "a digest: sha256: and 64 hexadecimal digits"),
        misconceptions=_beliefs_on_compute_digest(text),
        hints=(
            "A digest is the name of the algorithm, a colon, and the hash in hexadecimal digits.",
            "hashlib.sha256(b'...').hexdigest() gives the digits.",
            "In a terminal, echo adds a line end and printf doesn't.",
        ),
        why=f"This is the hash of exactly these {len(text)} bytes.",
    )


def _beliefs_on_compute_digest(text: str) -> tuple[Misconception, ...]:
    hexadecimal = hashlib.sha256(text.encode()).hexdigest()
    return beliefs(
        ("the digits alone are the digest", hexadecimal,
         "The name of the algorithm is part of the digest. So another algorithm can be used one day."),
        ("a line end does no harm", str(Digest.of(f"{text}\n".encode())),
         "That's the digest with a line end, as echo writes one. One more byte gives a different digest."),
        ("the quotes belong to the text", str(Digest.of(f"'{text}'".encode())),
         "That's the digest of the bytes with quotes around them."),
    )  # fmt: skip


def deleted_files(dice: random.Random) -> Problem:
    """Ask how many bytes of files travel, and whether deleting helps."""
    tool, rest = dice.randint(30, 90), dice.randint(2, 20)
    cache = dice.randint(100, 300)
    travels, seen = _bytes_of_build(tool, cache, rest)
    rows = (
        ("RUN install-tool", f"writes usr/bin/tool ({tool} kB) and var/cache/lists ({cache} kB)"),
        ("RUN remove-cache", "deletes var/cache/lists"),
        ("COPY app.py /app/", f"adds app.py ({rest} kB)"),
    )
    return Problem(
        text=(
            "How many kilobytes of file contents are in the layers of this image? "
            "(Don't count the headers of the archives.)"
        ),
        answer=Number(travels, "kB"),
        misconceptions=_beliefs_on_deleted_files(seen, cache, travels),
        hints=(
            "A layer is finished when its step is done, and no later step opens it again.",
            "Add up what each step writes.",
            "The second step writes an empty file.",
        ),
        why=f"A container sees {seen // KB} kB of them. The other {cache} kB are hidden, but a pull downloads them.",
        given=Table(("step", "what it does"), rows),
    )


def _bytes_of_build(tool: int, cache: int, rest: int) -> tuple[int, int]:
    """Build, and count the bytes that travel and those that a container sees."""
    recipe = "FROM scratch\nRUN install-tool\nRUN remove-cache\nCOPY app.py /app/\n"
    effects = {
        "install-tool": RunEffect({"usr/bin/tool": tool * KB, "var/cache/lists": cache * KB}),
        "remove-cache": RunEffect({}, ("var/cache/lists",)),
    }
    client = Client()
    client.build(f"{HOST}/app:1", recipe, {"app.py": b"x" * rest * KB}, effects=effects)
    layers = client.layers(f"{HOST}/app:1")
    travels = sum(len(entry.content) for layer in layers for entry in layer)
    seen = sum(len(entry.content) for entry in client.rootfs(f"{HOST}/app:1").values())
    return travels, seen


def _beliefs_on_deleted_files(seen: int, cache: int, travels: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("deleting a file makes the image smaller", seen // KB,
         "That's what a container sees. The layer with the deleted file is still part of the image."),
        ("a deletion saves its file twice", abs(seen // KB - cache),
         "A whiteout takes nothing out of a layer. It only hides the file below."),
        ("a deleted file is kept twice", travels // KB + cache,
         "The whiteout is an empty file with a special name. It has no copy of the file."),
    )  # fmt: skip


def what_is_seen(dice: random.Random) -> Problem:
    """Ask which files a container sees of a stack with whiteouts."""
    names = dice.sample(("etc/app.conf", "app/main.py", "app/old.py", "tmp/cache", "bin/run", "data/a"), 4)
    first = Changeset.of(dict.fromkeys(names, "1\n"))
    removed = dice.sample(names, 2)
    back = removed[0]
    second = Changeset.of({"app/new.py": "2\n"}, removed=removed)
    third = Changeset.of({back: "3\n"} if dice.random() < 0.6 else {"bin/more": "3\n"})
    layers = (first, second, third)
    seen = frozenset(path for path, entry in stack(layers).items() if entry.kind == "file")
    everything = dict.fromkeys(entry.path for layer in layers for entry in layer)
    rows = tuple((f"layer {number}", entry.path) for number, layer in enumerate(layers, 1) for entry in layer)
    return Problem(
        text="These archives are stacked, layer 1 at the bottom. Which paths does a container see?",
        answer=SomeOf(seen, tuple(everything)),
        misconceptions=_beliefs_on_what_is_seen(everything, removed, third, seen),
        hints=(
            "Go from layer 1 up, and keep a list of what is there.",
            "Where you see .wh.NAME, cross NAME out. A later layer can bring it back.",
        ),
        why="A whiteout hides a file of the layers below, and isn't seen itself (image-spec, layer.md, Whiteouts).",
        given=Table(("layer", "path in its archive"), rows),
    )


def _beliefs_on_what_is_seen(
    everything: Collection[str], removed: list[str], third: Changeset, seen: frozenset[str]
) -> tuple[Misconception, ...]:
    raw = frozenset(everything)
    plain = frozenset(path for path in everything if ".wh." not in path)
    never_back = frozenset(plain) - set(removed)
    return beliefs(
        ("what a layer brought stays", plain, "A file called .wh.NAME says that NAME in the layers below is gone."),
        ("a whiteout is a file", raw,
         "A whiteout is a note for the program that stacks the layers. It's in the archive, not in the container."),
        ("what was deleted cannot come back", never_back,
         "A layer above the whiteout may bring the file again. A whiteout hides only files in the layers below."),
        ("only the top layer is seen", frozenset(entry.path for entry in third),
         "Files of the layers below are seen too, unless something hides them."),
        unless=seen,
    )  # fmt: skip


EXERCISES = (
    Exercise("layers.which-layers", "predict", "Which lines make a layer?", ("layers.instructions",), which_layers),
    Exercise("layers.what-changes", "explain", "What changes a digest?", ("layers.digest",), what_changes_the_digest),
    Exercise("layers.compute", "construct", "Compute a digest", ("layers.digest",), compute_digest),
    Exercise("layers.deleted", "predict", "A file is deleted", ("layers.delete",), deleted_files),
    Exercise("layers.what-is-seen", "find", "What a container sees", ("layers.delete",), what_is_seen),
    Exercise("layers.compressed", "explain", "The same layer, compressed", ("layers.diff-id",), compressed_anew),
)
