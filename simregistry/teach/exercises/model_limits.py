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
            f"Two clients push the same image {'a second time' if known else 'to an empty registry'}. "
            f"One speaks like {first} and the other like {second}, as recorded from the real programs. "
            "In which of these do they differ?"
        ),
        answer=SomeOf(right, tuple(aspects)),
        misconceptions=_beliefs_on_two_clients(right, aspects),
        hints=("Compare the two rows, column by column.", "What has to be the same for every client?"),
        why=f"They differ in {len(right)} of {len(aspects)} things. The image that arrives has the same digest.",
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
         "The bytes are the same, so the digest is the same. Only the messages on the way may differ."),
        ("all clients say the same", frozenset(),
         "The specification doesn't say what a client has to ask first. Compare the two rows."),
        ("they differ in everything", frozenset(aspects),
         "The image that arrives is the same, and both had to send the layers that were missing."),
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
        text="This course's registry is compared with real ones by tests. Which of these questions can it answer about "
        "a real registry?",
        answer=SomeOf(right, options),
        misconceptions=_beliefs_on_what_it_can_tell(options, right),
        hints=(
            "Does the answer follow from bytes and rules? Or does it depend on time and on programs that run?",
            "The README says what is real and what is modelled.",
        ),
        why=f"It can't say {', or '.join(text for text in options if text not in right)}.",
        given=Table(("question",), tuple((text,) for text in options)),
    )


def _beliefs_on_what_it_can_tell(options: tuple[str, ...], right: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a simulator tells nothing about the real thing", frozenset(),
         "What follows from the bytes and from the specification is the same in both, and tests compare it."),
        ("a simulator tells everything", frozenset(options),
         "The simulator has no network and no clock, and it runs no commands. It can't say what depends on those."),
        ("it is the other way round", frozenset(options) - right,
         "Those depend on a network, on a clock or on a program that runs. The simulator has nothing of the kind."),
    )  # fmt: skip


EXERCISES = (
    Exercise("real.two-clients", "find", "Two clients, one image", ("real.compare",), two_clients),
    Exercise("real.limits", "explain", "Where the model ends", ("real.limits",), what_it_can_tell),
)
