"""The real thing, held against the model: two clients, and what a model can tell."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.client.dialect import DIALECTS
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation
from simregistry.registry.registry import Registry
from simregistry.table import Table
from simregistry.teach.answers import SomeOf
from simregistry.teach.exercises.named_layers import HOST
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def said(conversation: Conversation) -> list[str]:
    """Write a conversation without what differs from run to run."""
    kinds = {
        "blobs/uploads": "an upload",
        "/blobs/": "a blob",
        "/manifests/": "the manifest",
        "/v2/": "the version check",
    }
    return [
        f"{e.request.method} {next(word for part, word in kinds.items() if part in e.request.path)}"
        for e in conversation
    ]


def two_clients(dice: random.Random) -> Problem:
    """Ask how two clients' pushes of one image differ."""
    files = {f"part-{n}": f"{dice.randint(1, 999)}\n" for n in range(dice.randint(1, 3))}
    recipe = "\n".join(["FROM scratch", *(f"COPY {name} /" for name in files)])
    known = dice.random() < 0.6
    counts, results = _pushes_by_client(recipe, files, known)
    first, second = counts
    aspects = {
        **{aspect: counts[first][aspect] != counts[second][aspect] for aspect in counts[first]},
        "the digest of what arrives": len(results) > 1,
        "which layers are sent": False,
    }
    right = frozenset(aspect for aspect, differs in aspects.items() if differs)
    rows = tuple((name, *numbers.values()) for name, numbers in counts.items())
    return Problem(
        text=(
            f"The same image is pushed {'a second time' if known else 'to an empty registry'} by two clients, "
            f"in the manner of {first} and of {second} (as recorded). In which of these do they differ?"
        ),
        answer=SomeOf(right, tuple(aspects)),
        misconceptions=_beliefs_on_two_clients(right, aspects),
        hints=("Compare the two rows, column by column.", "What has to be the same, whoever pushes?"),
        why=f"They differ in {len(right)} of {len(aspects)}; what arrives is the same image, by the same digest.",
        given=Table(("client", "messages", "HEAD", "version checks"), rows),
    )


def _pushes_by_client(recipe: str, files: dict[str, str], known: bool) -> tuple[dict[str, dict[str, int]], set[Digest]]:
    """Push in each client's manner, and count the messages."""
    counts: dict[str, dict[str, int]] = {}
    results = set()
    for dialect in DIALECTS:
        registry = Registry(HOST)
        client = Client(registries=[registry], dialect=dialect)
        client.build(f"{HOST}/app:1", recipe, dict(files))
        if known:
            client.push(f"{HOST}/app:1")
        lines = said(client.push(f"{HOST}/app:1").conversation)
        counts[dialect] = {
            "messages": len(lines),
            "questions (HEAD)": sum(line.startswith("HEAD") for line in lines),
            "version checks": lines.count("GET the version check"),
        }
        results.add(registry.image("app:1").digest)
    return counts, results


def _beliefs_on_two_clients(right: frozenset[str], aspects: dict[str, bool]) -> tuple[Misconception, ...]:
    return beliefs(
        ("another client makes another image", right | {"the digest of what arrives"},
         "The bytes are the same, so is the digest: the way to it may differ."),
        ("all clients say the same", frozenset(),
         "The specification leaves open what a client asks first: compare the two rows."),
        ("they differ in everything", frozenset(aspects),
         "What arrives is the same, and what was missing had to be sent by both."),
        unless=right,
    )  # fmt: skip


LIMITS = (
    ("how long a push takes on your network", False),
    ("which files a RUN of your Dockerfile writes", False),
    ("the order in which parallel downloads end", False),
    ("how much memory a real registry needs", False),
    ("the digest of a layer that you built with another tool", True),
    ("which layers two of your images share", True),
    ("whether a manifest is refused while a blob is missing", True),
    ("which blobs a collector of version 2.8 would take from your disk", True),
    ("what a push of a known image has to send", True),
)


def what_it_can_tell(dice: random.Random) -> Problem:
    """Ask which questions this model can answer about the real thing."""
    chosen = [
        *dice.sample([limit for limit in LIMITS if limit[1]], dice.randint(2, 3)),
        *dice.sample([limit for limit in LIMITS if not limit[1]], 2),
    ]
    dice.shuffle(chosen)
    right = frozenset(text for text, tells in chosen if tells)
    options = tuple(text for text, _ in chosen)
    return Problem(
        text="Which of these can this course's registry tell you about the real thing, held against it by a test?",
        answer=SomeOf(right, options),
        misconceptions=_beliefs_on_what_it_can_tell(options, right),
        hints=(
            "Does it follow from bytes and rules, or from time and programs?",
            "The README says what is real and what is modelled.",
        ),
        why=f"Not from here: {'; '.join(text for text in options if text not in right)}.",
        given=Table(("question",), tuple((text,) for text in options)),
    )


def _beliefs_on_what_it_can_tell(options: tuple[str, ...], right: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a simulator tells nothing about the real thing", frozenset(),
         "What follows from bytes and from the specification is the same here and there, and is compared by tests."),
        ("a simulator tells everything", frozenset(options),
         "There is no network, no clock and no command that runs; what hangs on those, it cannot tell."),
        ("it is the other way round", frozenset(options) - right,
         "Those hang on a network, a clock or a program that runs; none of them is here."),
    )  # fmt: skip


EXERCISES = (
    Exercise("real.two-clients", "find", "Two clients, one image", ("real.compare",), two_clients),
    Exercise("real.limits", "explain", "Where the model ends", ("real.limits",), what_it_can_tell),
)
