"""Six ways to write a Dockerfile on the base image of the running example; “Build well” compares what they cost.

1. The simulator runs no command. The table ``EFFECTS`` states what each RUN would write: modelled, not measured.
2. The web app has grown: app.py has 7,000 bytes and the installation writes 69,000. Their layers are hardly padded, so
   a comparison of bytes is about files. (A tar archive is filled up to a multiple of 10,240 bytes.)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from simregistry.client.build.report import BuildReport
from simregistry.client.build.run_effects import RunEffect
from simregistry.client.client import Client
from simregistry.oci.digest import Digest
from simregistry.study.examples import webapp
from simregistry.table import Table

HOST = webapp.HOST
INSTALL = "pip install -r /app/requirements.txt"
ARCHIVE = "tmp/sources.tar"
FETCH, MAKE, CLEAN = "fetch sources", "make tool", f"rm /{ARCHIVE}"
SOURCES, TOOL, PACKAGES = 120_000, 20_000, 69_000
FLASK, JINJA = (f"usr/lib/python3/site-packages/{package}.py" for package in ("flask", "jinja2"))
# The pages that the app got since the lesson “Start here”, a function each.
PAGES = 144
DOCKERFILES: Mapping[str, str] = {
    "careless": f"FROM {HOST}/base:1\nCOPY . /app/\nRUN {INSTALL}\n",
    "careful": f"FROM {HOST}/base:1\nCOPY requirements.txt /app/\nRUN {INSTALL}\nCOPY . /app/\n",
    "messy": f"FROM {HOST}/base:1\nRUN {FETCH}\nRUN {MAKE}\nRUN {CLEAN}\n",
    "half tidy": f"FROM {HOST}/base:1\nRUN {FETCH}\nRUN {MAKE} && {CLEAN}\n",
    "tidy": f"FROM {HOST}/base:1\nRUN {FETCH} && {MAKE} && {CLEAN}\n",
    "two stages": (
        f"FROM {HOST}/base:1 AS workshop\nRUN {FETCH}\nRUN {MAKE}\n"
        f"FROM {HOST}/base:1\nCOPY --from=workshop /usr/bin/tool /usr/bin/tool\n"
    ),
}
EFFECTS: Mapping[str, RunEffect] = {
    # Flask brings jinja2 along, which requirements.txt does not name.
    INSTALL: RunEffect({FLASK: 60_000, JINJA: PACKAGES - 60_000}),
    FETCH: RunEffect({ARCHIVE: SOURCES}),
    MAKE: RunEffect({"usr/bin/tool": TOOL}),
    CLEAN: RunEffect(removed=(ARCHIVE,)),
    f"{MAKE} && {CLEAN}": RunEffect({"usr/bin/tool": TOOL}, removed=(ARCHIVE,)),
    f"{FETCH} && {MAKE} && {CLEAN}": RunEffect({"usr/bin/tool": TOOL}),
}
# The ways to make the tool from its sources, in neutral words.
WAYS = {"three RUNs": "messy", "two RUNs": "half tidy", "one RUN": "tidy", "two stages": "two stages"}
CHANGES = ("nothing", "a line of code", "a requirement", "the base image")


def app_files(version: str = "v1") -> dict[str, bytes | str]:
    """Return the files that the app is built from; one line of code changes from version to version.

    >>> {name: len(content) for name, content in app_files().items()}
    {'requirements.txt': 11, 'app.py': 7000}
    """
    files = webapp.context(version)
    pages = "".join(f'\n\ndef page_{number:03}():\n    return render("page-{number:03}")\n' for number in range(PAGES))
    return files | {"app.py": f"{files['app.py']!s}\n# The web app has grown.\n{pages}"}


def image_name(habit: str, version: str = "v1") -> str:
    """Return the name under which the image of a habit is built; a space in the habit's name becomes a dash.

    >>> image_name("two stages")
    'registry.example/two-stages:v1'
    """
    return f"{HOST}/{habit.replace(' ', '-')}:{version}"


def build_in_order(
    laptop: Client,
    habit: str,
    version: str = "v1",
    *,
    effects: Mapping[str, RunEffect] | None = None,
    files: Mapping[str, bytes | str] | None = None,
    **options: Any,
) -> BuildReport:
    """Build the image of a habit by its Dockerfile; ``files`` replace files of the app.

    ``options`` are those of ``build_image``: ``cache=False``, ``build_args={"SOURCE_DATE_EPOCH": "0"}``.
    """
    if f"{HOST}/base:1" not in laptop.store.images:
        webapp.build_base(laptop)
    name = image_name(habit, version)
    stated = dict(EFFECTS) | dict(effects or {})
    # A build refuses the effect of a command that its Dockerfile does not run, so it gets only those that it runs.
    used = {command: effect for command, effect in stated.items() if f"RUN {command}\n" in DOCKERFILES[habit]}
    return laptop.build(name, DOCKERFILES[habit], app_files(version) | dict(files or {}), effects=used, **options)


def build_after(habit: str, change: str) -> BuildReport:
    """Build, change one thing, and build again; return the report of the second build."""
    laptop = Client()
    build_in_order(laptop, habit)
    if change == "the base image":
        laptop.build(f"{HOST}/base:1", webapp.BASE_DOCKERFILE, webapp.base_context() | {"rootfs/etc/release": "2\n"})
    files: dict[str, dict[str, bytes | str]] = {
        "a requirement": {"requirements.txt": "flask==3.2\n"},
        "a line of code": {"app.py": app_files("v2")["app.py"]},
    }
    return build_in_order(laptop, habit, files=files.get(change))


def rebuilt(habit: str, change: str) -> int:
    """Build, change one thing, build again; return the bytes of the layers that had to be built again."""
    return build_after(habit, change).built_bytes


def table(change: str | None = None) -> Table:
    """Show how many bytes each order of steps builds again after a change, or after each of the four changes."""
    changes = CHANGES if change is None else (change,)
    rows = tuple((name, rebuilt("careless", name), rebuilt("careful", name)) for name in changes)
    return Table(("what changes", "careless: bytes built again", "careful: bytes built again"), rows)


def written(laptop: Client, path: str, *references: str) -> Table:
    """Show how a file is in some images: its size, the hash of its content, and the day on which it was written."""
    entries = [(reference, laptop.rootfs(reference)[path]) for reference in references]
    rows = tuple(
        (
            reference.removeprefix(f"{HOST}/"),
            len(entry.content),
            Digest.of(entry.content).short,
            datetime.fromtimestamp(entry.mtime, UTC).date().isoformat(),
        )
        for reference, entry in entries
    )
    return Table(("image", "bytes", "hash of the content", "written on"), rows, title=f"/{path}")


def ways() -> Table:
    """Show the Dockerfile of each way to make the tool, in one line; ``base`` stands for the base image."""
    rows = ((way, " · ".join(DOCKERFILES[habit].splitlines())) for way, habit in WAYS.items())
    return Table(("way", "steps"), tuple((way, steps.replace(f"{HOST}/base:1", "base")) for way, steps in rows))


def build_each_way(laptop: Client) -> Table:
    """Build the tool in each way, one after the other; show what each image has, and how many steps had to run."""
    rows = []
    for way, habit in WAYS.items():
        report = build_in_order(laptop, habit)
        carries = carries_sources(laptop, way)
        ran = sum(not step.cached and not step.text.startswith("FROM") for step in report.steps)
        rows.append((way, ran, report.manifest.image_bytes, "yes" if carries else "no"))
    return Table(("way", "steps that ran", "bytes of the image", "sources in a layer"), tuple(rows))


def carries_sources(laptop: Client, way: str) -> bool:
    """Say whether a layer of the image that was built in this way has the archive of the sources."""
    return any(entry.path == ARCHIVE for layer in laptop.layers(image_name(WAYS[way])) for entry in layer)


def squashed(laptop: Client, reference: str) -> BuildReport:
    """Build an image with the same files in a single layer, named as the first with ``-squashed`` behind it."""
    name, _, tag = reference.rpartition(":")
    return laptop.build(f"{name}-squashed:{tag}", f"FROM {reference} AS all\nFROM scratch\nCOPY --from=all / /\n")
