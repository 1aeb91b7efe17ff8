"""Build well, the cache: what is built again after a change, and what the cache looks at."""

from __future__ import annotations

import random
from dataclasses import dataclass

from simregistry.teach.answers import SomeOf
from simregistry.teach.exercises.dockerfile_bench import BASE, NAME, Command, DockerfileBench
from simregistry.teach.exercises.named_layers import indented
from simregistry.teach.problem import Misconception, Problem, beliefs


@dataclass(frozen=True, slots=True)
class Kit:
    """A language's habits: the list of what to install, the command that does it, and a file of code."""

    listed: str
    install: str
    code: str


KITS = (
    Kit("requirements.txt", "pip install -r requirements.txt", "app.py"),
    Kit("package.json", "npm install", "server.js"),
    Kit("go.mod", "go mod download", "main.go"),
    Kit("Gemfile", "bundle install", "app.rb"),
)


DATA = ("prices.csv", "cities.csv", "words.txt", "menu.json")


def built_again(dice: random.Random) -> Problem:
    """Ask which steps are built again after a change of one file."""
    kit, data = dice.choice(KITS), dice.choice(DATA)
    steps = _draw_steps(dice, kit, data)
    bench = _bench_of(kit, data)
    changed = dice.choice((kit.listed, kit.code, data, "notes.md"))
    text, again = _build_twice(bench, steps, changed)
    return Problem(
        text=(
            (
                f"This Dockerfile was built. Then {changed} changes, and the same machine builds it again. "
                "Which steps are not found in the cache?\n\n"
            )
            + indented(text.splitlines())
        ),
        answer=SomeOf(frozenset(again), tuple(steps)),
        misconceptions=_beliefs_on_built_again(steps, changed, again),
        hints=(
            "Go down from the FROM. Which is the first line that the change touches?",
            "COPY . takes every file of the context. Every other COPY takes the files that it names.",
            "After the first step that isn't in the cache, every later step has to run, too.",
        ),
        why=(
            f"The first step that {changed} touches is {again[0]!r}. Every step after it is built on its result."
            if again
            else f"No line copies {changed}, so nothing that the cache compares has changed."
        ),
    )


def _build_twice(bench: DockerfileBench, steps: list[str], changed: str) -> tuple[str, list[str]]:
    """Build, change one file and build again; list the steps that were not in the cache."""
    client, text = bench.client(), "\n".join([f"FROM {BASE}", *steps])
    bench.build(client, text)
    report = bench.build(client, text, {changed: "second\n"})
    again = [step.text for step in report.steps[1:] if not step.cached]
    return text, again


def _bench_of(kit: Kit, data: str) -> DockerfileBench:
    """Make the bench on which the steps can be built."""
    return DockerfileBench(
        {
            kit.install: Command({"usr/lib/packages": 400}, (f"app/{kit.listed}",)),
            f"index /data/{data}": Command({"data/index": 200}, (f"data/{data}",)),
        },
        dict.fromkeys((kit.listed, kit.code, data, "notes.md"), "first\n"),
    )


def _draw_steps(dice: random.Random, kit: Kit, data: str) -> list[str]:
    """Draw the steps of a Dockerfile in an order that can be built."""
    late = f"COPY {kit.code} /app/" if dice.random() < 0.7 else "COPY . /app/"
    steps = [f"COPY {kit.listed} /app/", f"RUN {kit.install}"]
    for extra in ([f"COPY {data} /data/", f"RUN index /data/{data}"], [late]):
        at = dice.randint(0, len(steps))
        steps[at:at] = extra
    steps.insert(dice.randint(0, len(steps)), dice.choice(("ENV PORT=8080", "USER app", "LABEL team=shop")))
    if steps.index(f"RUN {kit.install}") < steps.index(f"COPY {kit.listed} /app/"):
        steps.remove(f"RUN {kit.install}")
        steps.insert(steps.index(f"COPY {kit.listed} /app/") + 1, f"RUN {kit.install}")
    return steps


def _beliefs_on_built_again(steps: list[str], changed: str, again: list[str]) -> tuple[Misconception, ...]:
    copies = frozenset(step for step in steps if step.startswith(f"COPY {changed}") or step.startswith("COPY ."))
    here = frozenset(step for step in again if changed in step or step.startswith("COPY ."))
    return beliefs(
        ("only the step that uses the file is built again", here,
         "A step starts from the result of the step before. If that is new, the step can't be taken from the cache."),
        ("one change, and everything is built again", frozenset(steps),
         "The steps before the change start from the same results as last time, so they are in the cache."),
        ("only COPY looks at files, so only COPY runs again", copies,
         "A RUN copies no files, but it starts from the layers below it. If one of these is new, it has to run again."),
        ("a change makes only the last step new", frozenset(steps[-1:]),
         "The cache stops at the first step that differs, wherever that is. Go through the lines from the top."),
        unless=frozenset(again), once=True,
    )  # fmt: skip


def seen_by_the_cache(dice: random.Random) -> Problem:
    """Ask which changes make an installation run again."""
    kit = dice.choice(KITS)
    lines = [f"FROM {BASE}", f"COPY {kit.listed} /app/", f"RUN {kit.install}", "COPY . /app/"]
    context = {kit.listed: "one\ntwo\n", kit.code: "code\n"}
    release = "a new release of a package comes out"
    changes = _changes_to(release, kit, lines)
    chosen = [release, *dice.sample([change for change in changes if change != release], 4)]
    dice.shuffle(chosen)
    right = frozenset(change for change in chosen if _runs_again(kit.install, context, lines, *changes[change]))
    return Problem(
        text=(
            (
                "This Dockerfile was built. Before the next build, one thing changes. "
                f"After which of these changes, each by itself, does {kit.install!r} run again?\n\n"
            )
            + indented(lines)
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_seen_by_the_cache(chosen, changes, lines, right, release),
        hints=(
            "The builder looks up a RUN by its text and by the step before it.",
            "Does the change touch a line at or above the RUN, or a file that is copied above it?",
            "The times of files don't count. And the builder doesn't look at what has happened in the world.",
        ),
        why=(
            f"The cache compares the text, the copied files and the step before. {len(right)} of the five changes "
            "touch one of these at the RUN or above it."
        ),
    )


def _changes_to(release: str, kit: Kit, lines: list[str]) -> dict[str, tuple[list[str], dict[str, str], int]]:
    """List changes: what each does to the Dockerfile, to the context, and to what the command would write."""
    # What each change does: to the Dockerfile's lines, to the context, to what the command would write.
    return {
        release: (lines, {}, 900),
        f"a line is added to {kit.listed}": (lines, {kit.listed: "one\ntwo\nthree\n"}, 400),
        f"two lines of {kit.listed} change places": (lines, {kit.listed: "two\none\n"}, 400),
        f"{kit.listed} is saved again with the same text": (lines, {kit.listed: "one\ntwo\n"}, 400),
        f"a line of {kit.code} changes": (lines, {kit.code: "more code\n"}, 400),
        "a new file comes into the folder": (lines, {"readme.md": "read\n"}, 400),
        "a comment is added at the top": (["# our app", *lines], {}, 400),
        "an ENV line is added below the FROM": ([lines[0], "ENV MODE=fast", *lines[1:]], {}, 400),
        "a LABEL line is added at the end": ([*lines, "LABEL team=shop"], {}, 400),
        "the RUN gets one more option": ([*lines[:2], f"{lines[2]} --quiet", lines[3]], {}, 400),
    }  # fmt: skip


def _beliefs_on_seen_by_the_cache(
    chosen: list[str],
    changes: dict[str, tuple[list[str], dict[str, str], int]],
    lines: list[str],
    right: frozenset[str],
    release: str,
) -> tuple[Misconception, ...]:
    # In the words of the list: what touches the Dockerfile, and what touches files.
    typed = frozenset(change for change in chosen if changes[change][0] != lines)
    files = frozenset(change for change in chosen if changes[change][1])
    return beliefs(
        ("the cache knows what a command does", right | {release},
         "The cache compares the text of the RUN and the step before it. "
         "It runs nothing, so it can't know what the command would write today."),
        ("every change counts", frozenset(chosen),
         "Some of these come after the installation, and the cache doesn't look at some others."),
        ("only the text of the Dockerfile counts", typed,
         "For a COPY, the contents of the files count, too. And a comment isn't a step."),
        ("any file that changes counts", files,
         "Only files that are copied above the RUN count. And a file with the same text is the same file."),
        unless=right, once=True,
    )  # fmt: skip


def _runs_again(
    install: str, context: dict[str, str], before: list[str], after: list[str], files: dict[str, str], size: int
) -> bool:
    """Build before and after on one machine, and say whether the installation was found in the cache."""
    client = DockerfileBench({}).client()
    quiet = f"{install} --quiet"
    for lines, given, written in ((before, context, 400), (after, context | files, size)):
        effects = {command: {"usr/lib/packages": written} for command in (install, quiet) if f"RUN {command}" in lines}
        report = client.build(NAME, "\n".join(lines), given, effects=effects)
    return next(not step.cached for step in report.steps if step.text.startswith("RUN"))
