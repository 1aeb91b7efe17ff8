"""Layers and hashes: what makes a layer, what its digest hangs on, what a container sees of a stack."""

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
            "Which lines change files, and which say how the image is started?",
        ),
        why=f"{len(made)} of {len(lines)} lines change files; the others are kept in the config.",
    )


def _beliefs_on_which_layers(lines: list[str], made: frozenset[str]) -> tuple[Misconception, ...]:
    runs = frozenset(line for line in lines if line.startswith("RUN"))
    copies = frozenset(line for line in lines if line.startswith("COPY"))
    # Where no line is a RUN, or none a COPY, that belief has no answer of its own, and is left out.
    return beliefs(
        ("every instruction makes a layer", frozenset(lines),
         "A layer holds files. An instruction that only notes how to run the image goes into the config."),
        ("only RUN makes layers", runs or made, "COPY puts files into the image as well; those have to be somewhere."),
        ("only COPY makes layers", copies or made, "What a command writes has to be somewhere, too."),
        unless=made,
    )  # fmt: skip


def what_changes_the_digest(dice: random.Random) -> Problem:
    """Ask which changes give a layer another digest."""
    name, text = dice.choice(("app/main.py", "etc/app.conf", "bin/run")), f"version {dice.randint(1, 99)}\n"
    other = "app/readme.txt"
    entries = [file(name, text), file(other, "read me\n")]
    changes = _layers_by_change(entries, name, text)
    chosen = dice.sample(list(changes), 5)
    own = Changeset.of(entries).diff_id
    right = frozenset(what for what in chosen if Changeset.of(changes[what]).diff_id != own)
    return Problem(
        text=(
            f"A layer holds {name} and {other}. Which of these changes give it another digest? "
            "(Layers are written as this course's builder writes them: names sorted, times as given.)"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_what_changes_the_digest(right, chosen),
        hints=(
            "The digest is the hash of the archive, all of it and nothing else.",
            "What stands in a tar archive beside the contents?",
        ),
        why="The digest hangs on the archive's bytes: contents, names, modes and times, and on nothing outside.",
    )


def _layers_by_change(entries: list[Entry], name: str, text: str) -> dict[str, list[Entry]]:
    """Make the layer after each change."""
    moved = [replace(entries[0], path=f"old/{name}"), entries[1]]
    return {
        "one byte of a file": [file(name, text.replace("v", "V")), entries[1]],
        "a file's name": moved,
        "a file's mode": [file(name, text, 0o755), entries[1]],
        "one file more": [*entries, file("app/extra", "")],
        "the order in which the files were added": entries[::-1],
        "the name of the image": list(entries),
        "the machine that builds it": list(entries),
        "a comment in the Dockerfile": list(entries),
        "a file's time of change": [replace(entries[0], mtime=1_700_000_000), entries[1]],
    }  # fmt: skip


def _beliefs_on_what_changes_the_digest(right: frozenset[str], chosen: list[str]) -> tuple[Misconception, ...]:
    contents = right & {"one byte of a file", "one file more"}
    return beliefs(
        ("only the contents of files count", contents,
         "The archive holds names, modes and times as well; they are hashed with the rest."),
        ("every change of anything counts", frozenset(chosen),
         "What is not in the archive cannot change its hash: look for what stays outside of it."),
        ("nothing but the name of the image counts", frozenset(chosen) & {"the name of the image"},
         "The name is a note outside the archive. The digest is the hash of the archive's bytes."),
        unless=right,
    )  # fmt: skip


def compute_digest(dice: random.Random) -> Problem:
    """Ask for the digest of a few bytes, to be computed with any tool."""
    text = f"layer {dice.randint(100, 999)} of {dice.choice(SERVICES)}"
    right = Digest.of(text.encode())

    def problem(answer: str) -> str:
        if answer == right:
            return ""
        shape = "write the algorithm, a colon and 64 hexadecimal digits, all in lower case"
        return (
            "the digest is one of other bytes" if answer.startswith("sha256:") and len(answer) == len(right) else shape
        )

    return Problem(
        text=(
            f"Compute the digest of these {len(text)} bytes (no line end follows them), by Python's hashlib or by "
            f"sha256sum:\n\n    {text}"
        ),
        answer=FreeText(str(right), problem, "a digest: sha256: and 64 hexadecimal digits"),
        misconceptions=_beliefs_on_compute_digest(text),
        hints=(
            "Digest = algorithm, colon, hash in hexadecimal.",
            "hashlib.sha256(b'...').hexdigest() gives the digits.",
            "In a shell: printf writes no line end, echo does.",
        ),
        why=f"The hash of exactly {len(text)} bytes.",
    )


def _beliefs_on_compute_digest(text: str) -> tuple[Misconception, ...]:
    hexadecimal = hashlib.sha256(text.encode()).hexdigest()
    return beliefs(
        ("the digits alone are the digest", hexadecimal,
         "The algorithm belongs to the digest, so that another one can follow some day."),
        ("a line end does no harm", str(Digest.of(f"{text}\n".encode())),
         "That is the digest with a line end, as echo writes one: 1 byte more is another digest."),
        ("the quotes belong to the text", str(Digest.of(f"'{text}'".encode())),
         "That is the digest with the quotes around the text."),
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
            "(Headers of the archives do not count.)"
        ),
        answer=Number(travels, "kB"),
        misconceptions=_beliefs_on_deleted_files(seen, cache, travels),
        hints=(
            "Each step's layer is finished when the step is done; no later step opens it again.",
            "Add up what each step writes.",
            "The second step writes an empty file.",
        ),
        why=f"A container sees {seen // KB} kB of them; {cache} kB are hidden, and travel all the same.",
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
         "That is what a container sees. The layer that wrote the deleted file is still part of the image."),
        ("a deletion saves its file twice", abs(seen // KB - cache),
         "A whiteout takes nothing out of a layer; it hides what lies below."),
        ("a deleted file is kept twice", travels // KB + cache,
         "The whiteout is an empty file with a special name; it holds no copy."),
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
            "At .wh.NAME strike NAME out; what a later layer brings is there again.",
        ),
        why="Whiteouts hide what lies below them, and are not seen themselves (image-spec, layer.md, Whiteouts).",
        given=Table(("layer", "path in its archive"), rows),
    )


def _beliefs_on_what_is_seen(
    everything: Collection[str], removed: list[str], third: Changeset, seen: frozenset[str]
) -> tuple[Misconception, ...]:
    raw = frozenset(everything)
    plain = frozenset(path for path in everything if ".wh." not in path)
    never_back = frozenset(plain) - set(removed)
    return beliefs(
        ("what a layer brought stays", plain, "A file named .wh.NAME says that NAME of the layers below is gone."),
        ("a whiteout is a file", raw,
         "A whiteout is a note to whoever stacks the layers; it is in the archive and never in the container."),
        ("what was deleted cannot come back", never_back,
         "A layer above the whiteout may bring the file again; a whiteout hides what lies below it alone."),
        ("only the top layer is seen", frozenset(entry.path for entry in third),
         "The layers below shine through wherever nothing hides them."),
        unless=seen,
    )  # fmt: skip


EXERCISES = (
    Exercise("layers.which-layers", "predict", "Which lines make a layer?", ("layers.instructions",), which_layers),
    Exercise("layers.what-changes", "explain", "What the digest hangs on", ("layers.digest",), what_changes_the_digest),
    Exercise("layers.compute", "construct", "Compute a digest", ("layers.digest",), compute_digest),
    Exercise("layers.deleted", "predict", "A file is deleted", ("layers.delete",), deleted_files),
    Exercise("layers.what-is-seen", "find", "What a container sees", ("layers.delete",), what_is_seen),
    Exercise("layers.compressed", "explain", "Compressed for the way", ("layers.diff-id",), compressed_anew),
)
