"""Build well, by hand: the learner writes Dockerfiles, and they are built and checked."""

from __future__ import annotations

import random
from collections.abc import Callable

from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.dockerfile_bench import BASE, Command, DockerfileBench, hidden, seen
from simregistry.teach.exercises.named_layers import SERVICES, indented
from simregistry.teach.problem import Misconception, Problem, beliefs

# A list of what to install, the command that reads it, and the file of code that changes every day.
APPS = (
    ("requirements.txt", "pip install -r /app/requirements.txt", "app.py"),
    ("package.json", "npm install --prefix /app", "server.js"),
    ("go.mod", "go mod download", "main.go"),
    ("Gemfile", "bundle install", "app.rb"),
    ("Cargo.toml", "cargo fetch", "main.rs"),
)
INSTALLED = "usr/lib/packages"
HEAD = f"FROM {BASE}\n"


def quick_rebuild(dice: random.Random) -> Problem:
    """Ask for a Dockerfile whose installation doesn't run again when the code changes."""
    listed, install, code = dice.choice(APPS)
    more = dice.sample(("logo.svg", "help.txt", "rates.csv", "names.csv", "style.css", "menu.json"), 2)
    service = dice.choice(SERVICES)
    context = {listed: "one==1\n", code: "first\n"} | {name: f"{name}\n" for name in more}
    bench = DockerfileBench({install: Command({INSTALLED: 500}, (f"app/{listed}",))}, context)
    needed = [f"app/{name}" for name in context] + [INSTALLED]
    problem = _quick(bench, needed, code, install)
    right = f"{HEAD}COPY {listed} /app/\nRUN {install}\nCOPY . /app/"
    return Problem(
        text=(
            f"Write the Dockerfile of {service}, on {BASE}. The context has {', '.join(context)}. "
            f"A container needs all of them in /app/, and the packages that '{install}' installs. "
            f"That command reads /app/{listed}. {code} changes every day, and the installation must not run again "
            "because of that."
        ),
        answer=FreeText(right, problem, "a Dockerfile"),
        misconceptions=_beliefs_on_quick_rebuild(install, listed, code),
        hints=(
            "Which file does the installation need, and which doesn't it need?",
            "First copy what rarely changes, then install, then copy the rest.",
            f"Four lines are enough: FROM, COPY {listed} …, RUN {install}, COPY the rest.",
        ),
        why=(
            f"The installation comes after the base and {listed} alone. {code} is copied later, "
            "so its change leaves the installation in the cache."
        ),
        also_right=_other_dockerfiles(service, listed, install, code, more),
    )


def _quick(bench: DockerfileBench, needed: list[str], code: str, install: str) -> Callable[[str], str]:
    """Make the check of a Dockerfile: is everything there, and the installation found in the cache?"""

    def problem(text: str) -> str:
        client = bench.client()
        bench.build(client, text)
        there = seen(client)
        missing = next((path for path in needed if path not in there), None)
        if missing is not None:
            return f"the container has no /{missing}"
        again = bench.build(client, text, {code: "second\n"})
        if seen(client)[f"app/{code}"] != b"second\n":
            return f"/app/{code} is still the old one after it changed and the image was built again"
        lost = next((step.text for step in again.steps if install in step.text and not step.cached), None)
        return f"after a change of {code}, {lost!r} is not found in the cache" if lost else ""

    return problem


def _other_dockerfiles(service: str, listed: str, install: str, code: str, more: list[str]) -> tuple[str, ...]:
    alone = "\n".join(f"COPY {name} /app/" for name in (code, *more))
    return (
        f"{HEAD}WORKDIR /app\nCOPY {listed} .\nRUN {install}\nCOPY . .",
        f"{HEAD}COPY {listed} /app/\nRUN {install}\n{alone}",
        (
            f"# {service}\n{HEAD}ENV PORT=80\nCOPY {listed} /app/\nRUN {install}\n"
            f'COPY {" ".join((*more, code))} /app/\nCMD ["/app/{code}"]'
        ),
        (
            f"{HEAD[:-1]} AS packages\nCOPY {listed} /app/\nRUN {install}\nFROM {BASE}\n"
            f"COPY --from=packages /{INSTALLED} /{INSTALLED}\nCOPY . /app/"
        ),
    )


def _beliefs_on_quick_rebuild(install: str, listed: str, code: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("putting COPY first is harmless", f"{HEAD}COPY . /app/\nRUN {install}",
         "Everything that is copied before a RUN counts for it. If one of these files changes, the RUN runs again."),
        ("the order of COPY and RUN is a matter of taste", f"{HEAD}RUN {install}\nCOPY . /app/",
         "Each step sees the files that the steps before it left, and none that come later."),
        ("a file comes along even if no COPY names it", f"{HEAD}COPY {listed} /app/\nRUN {install}\nCOPY {code} /app/",
         "A file that no COPY names, by itself or with its folder, is not in the image."),
        ("a file is on its own line, so it disturbs nobody",
         f"{HEAD}COPY {code} /app/\nCOPY {listed} /app/\nRUN {install}\nCOPY . /app/",
         "Each line builds on the one before. If one changes, every line after it runs again, related or not."),
    )  # fmt: skip


def no_ballast(dice: random.Random) -> Problem:
    """Ask for a Dockerfile that makes the same files and hides none."""
    tool = dice.choice(("tool", "parser", "player", "viewer", "solver"))
    place = f"tmp/{dice.choice(('sources', 'kit', 'archive', 'code'))}.tar"
    fetch, make = f"fetch /{place}", f"make-{tool}"
    config = dice.choice(("etc/app.conf", "etc/hosts.allow", "etc/limits.conf"))
    sizes = dice.randint(80, 900) * 100, dice.randint(10, 90) * 100
    bench = DockerfileBench(
        {fetch: Command({place: sizes[0]}), make: Command({f"usr/bin/{tool}": sizes[1]}, (place,))}, {"conf": "on\n"}
    )
    copied = f"COPY conf /{config}"
    given = f"{HEAD}RUN {fetch}\nRUN {make}\nRUN rm /{place}\n{copied}"
    first = bench.client()
    bench.build(first, given)
    files = seen(first)
    problem = _without_ballast(bench, files)
    stages = f"FROM {BASE} AS workshop\nRUN {fetch}\nRUN {make}\n"
    brought = f"COPY --from=workshop /usr/bin/{tool} /usr/bin/{tool}"
    return Problem(
        text=(
            (
                "Write a Dockerfile whose container has the same files as this one's. Its layers must have no file "
                f"that a container doesn't see. ({fetch!r} writes /{place} with {sizes[0]:,} bytes. {make!r} reads it "
                f"and writes /usr/bin/{tool} with {sizes[1]:,} bytes. The file conf is in the context.)\n\n"
            )
            + indented(given.splitlines())
        ),
        answer=FreeText(f"{HEAD}RUN {fetch} && {make} && rm /{place}\n{copied}", problem, "a Dockerfile"),
        misconceptions=_beliefs_on_no_ballast(given, fetch, make, place, copied, stages),
        hints=(
            "When is a layer made?",
            "Either fetch, make and remove in one step, or make the tool in one stage and copy it into a second one.",
            "COPY --from=STAGE PATH PATH takes a file out of an earlier stage. && joins commands in one RUN.",
        ),
        why=(
            f"A layer has the files that its step leaves when it ends, so the {sizes[0]:,} bytes of /{place} are in no "
            "layer of the image."
        ),
        also_right=(
            f"{stages}{HEAD}{brought}\n{copied}",
            f"{HEAD}{copied}\nRUN {fetch} && {make} && rm -rf /{place}",
            f"{stages}RUN rm /{place}\n{copied}\nFROM scratch\nCOPY --from=workshop / /",
            f"{stages}{HEAD}{copied}\nCOPY --from=0 /usr/bin /usr/bin",
        ),
    )


def _beliefs_on_no_ballast(
    given: str, fetch: str, make: str, place: str, copied: str, stages: str
) -> tuple[Misconception, ...]:
    return beliefs(
        ("one more rm shrinks it", given,
         "Each step adds a layer and takes none away. A file in a layer below stays there."),
        ("the removal has only to come sooner", f"{HEAD}RUN {fetch} && {make}\nRUN rm /{place}\n{copied}",
         "The layer is made when its step ends. A file that is there at that moment is in it."),
        ("the sources may go before the tool is made", f"{HEAD}RUN {fetch} && rm /{place} && {make}\n{copied}",
         "The commands of one RUN run from left to right, and each one sees what the one before left."),
        ("a second stage on the first leaves it behind", f"{stages}RUN rm /{place}\nFROM workshop\n{copied}",
         "FROM a stage takes over all of its layers. To leave a stage behind, begin a new one from the base and copy "
         "files out of the old one."),
        ("leaving out the sources is enough", f"{HEAD}{copied}",
         "The tool has to be in the image. Only the sources needn't be."),
    )  # fmt: skip


def _without_ballast(bench: DockerfileBench, files: dict[str, bytes]) -> Callable[[str], str]:
    """Make the check of a Dockerfile: the same files, and none that is hidden."""

    def problem(text: str) -> str:
        client = bench.client()
        bench.build(client, text)
        there = seen(client)
        for path in files:
            if there.get(path) != files[path]:
                return f"a container of your image has no /{path}" + (" like the given one's" if path in there else "")
        extra = sorted(there.keys() - files.keys())
        if extra:
            return f"a container of your image has /{extra[0]}, {len(there[extra[0]]):,} bytes; the given one's hasn't"
        unseen = [
            f"layer {place + 1}, from the base up, has /{path}, which no container sees"
            for path, place in hidden(client)
        ]
        return next(iter(unseen), "")

    return problem
