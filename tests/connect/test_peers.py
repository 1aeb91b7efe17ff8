"""The same commands of real clients against the simulated registry and against docker-registry: what they say and get."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from peers import DockerRegistry, program

from simregistry import Client, Registry
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.real_client import private_skopeo_environment
from simregistry.connect.server import Server
from simregistry.study.examples import webapp

LOGGED = re.compile(r'"(?P<method>[A-Z]+) (?P<target>\S+) HTTP/1\.1" (?P<status>\d{3})')
Said = tuple[str, str, int]


def run(folder: Path, *command: str) -> str:
    """Run a client that remembers nothing of other runs but what is in its folder; gives what it prints."""
    ran = subprocess.run(
        [program(command[0]), *command[1:]],
        env=private_skopeo_environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def plain(target: str) -> str:
    """A target without what is each registry's own: an upload's name, its state, its host."""
    path = re.sub(r"(/blobs/uploads/)[^?]+", r"\1<upload>", target)
    path = re.sub(r"_state=[^&]*&?", "", path)
    return path.replace("%3A", ":").rstrip("?&")


def by_blob(said: list[Said]) -> dict[str, list[tuple[str, int]]]:
    """What was said of each blob in order, uploads apart; the blobs of a push travel side by side."""
    found: dict[str, list[tuple[str, int]]] = {}
    for method, target, status in said:
        path = plain(target)
        named = re.search(r"sha256:[0-9a-f]{64}", path)
        key = named[0] if named else path
        found.setdefault(key, []).append((f"{method} {path.partition('?')[0].rpartition('/')[0]}", status))
    return {key: sorted(each) if "uploads" in key else each for key, each in sorted(found.items())}


class Real:
    """docker-registry, and what its access log says since it was last asked."""

    def __init__(self, registry: DockerRegistry) -> None:
        self.registry, self.read = registry, 0
        self.address = f"127.0.0.1:{registry.port}"

    def said(self) -> list[Said]:
        """Method, target and status of each."""
        text = self.registry.config.with_suffix(".log").read_text()
        new, self.read = text[self.read :], len(text)
        return [(m["method"], m["target"], int(m["status"])) for m in LOGGED.finditer(new)]


class Ours:
    """The simulated registry, and what its conversation says since it was last asked."""

    def __init__(self, server: Server) -> None:
        self.server, self.read, self.address = server, 0, server.address

    def said(self) -> list[Said]:
        """Method, target and status of each."""
        new, self.read = list(self.server.exchanges)[self.read :], len(self.server.exchanges)
        return [(e.request.method, e.request.line.partition(" ")[2], e.status) for e in new]


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The web app in two versions, as an OCI layout."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
        copy_image(LocalRepository(registry.storage, "web"), version, OciLayout(tmp_path / "layout"))
    return tmp_path / "layout"


def commands(layout: Path, address: str, scratch: Path) -> dict[str, tuple[str, ...]]:
    """What is done, in order: the transport's name is left to the command."""
    to, at = "--dest-tls-verify=false", "--src-tls-verify=false"
    place = f"docker://{address}"
    return {
        "push": ("copy", "--preserve-digests", to, f"oci:{layout}:v1", f"{place}/web:v1"),
        "push what is there": ("copy", "--preserve-digests", to, f"oci:{layout}:v1", f"{place}/web:v1"),
        "push a second version": ("copy", "--preserve-digests", to, f"oci:{layout}:v2", f"{place}/web:v2"),
        "push elsewhere": ("copy", "--preserve-digests", to, f"oci:{layout}:v2", f"{place}/other:v2"),
        "inspect": ("inspect", "--tls-verify=false", "--format", "{{.Digest}} {{.Layers}}", f"{place}/web:v1"),
        "inspect raw": ("inspect", "--tls-verify=false", "--raw", f"{place}/web:v2"),
        "tags": ("list-tags", "--tls-verify=false", f"{place}/web"),
        "pull": ("copy", at, f"{place}/web:v1", f"dir:{scratch / 'pulled'}"),
        "copy within": ("copy", "--preserve-digests", at, to, f"{place}/web:v1", f"{place}/third:v1"),
        "delete": ("delete", "--tls-verify=false", f"{place}/web:v1"),
        "tags after it": ("list-tags", "--tls-verify=false", f"{place}/web"),
    }


def test_skopeo_says_the_same_to_both_and_gets_the_same(served, layout, tmp_path):
    """Push, inspect, list, pull, copy within a registry and delete: per blob the same messages and statuses."""
    with DockerRegistry(tmp_path / "storage", log="info") as registry:
        sides = [Ours(served), Real(registry)]
        # What asked whether it is up yet is no client's.
        sides[1].said()
        for folder in ("ours", "real"):
            (tmp_path / folder).mkdir()
        steps = [
            commands(layout, side.address, tmp_path / folder)
            for side, folder in zip(sides, ("ours", "real"), strict=True)
        ]
        for name in steps[0]:
            printed = []
            for step, folder in zip(steps, ("ours", "real"), strict=True):
                printed.append(run(tmp_path / folder, "skopeo", *step[name]))
            ours, real = (by_blob(side.said()) for side in sides)
            assert ours == real, name
            ours_text, real_text = (
                text.replace(side.address, "HOST") for text, side in zip(printed, sides, strict=True)
            )
            assert ours_text == real_text or "Copying" in ours_text, name
    pulled = [
        {file.name: file.read_bytes() for file in (tmp_path / side / "pulled").iterdir()} for side in ("ours", "real")
    ]
    assert pulled[0] == pulled[1]


CONTAINERFILE = """FROM scratch
COPY greeting.txt /etc/greeting
COPY app /srv/app
ENV GREETING=hello
WORKDIR /srv/app
CMD ["/srv/app/run"]
"""


def test_buildah_builds_what_we_build_and_pushes_it_here(served, tmp_path):
    """One Containerfile, two builders: the same files and the same settings; buildah's image is pulled from us whole."""
    context = tmp_path / "context"
    (context / "app").mkdir(parents=True)
    (context / "Containerfile").write_text(CONTAINERFILE)
    (context / "greeting.txt").write_text("hello")
    (context / "app" / "run").write_text("#!/bin/sh\n")
    (context / "app" / "data").write_text("1 2 3")
    own = ("--root", str(tmp_path / "root"), "--runroot", str(tmp_path / "runroot"), "--storage-driver", "vfs")
    run(tmp_path, "buildah", *own, "bud", "--isolation", "chroot", "--layers=false", "-t", "greeter:v1", str(context))
    run(tmp_path, "buildah", *own, "push", "--tls-verify=false", "greeter:v1", f"docker://{served.address}/greeter:v1")
    laptop = Client(registries=[served.registry])
    laptop.pull("registry.example/greeter:v1")
    laptop.build("own:v1", CONTAINERFILE, context)

    def files(name: str) -> dict[str, bytes]:
        return {path: entry.content for path, entry in laptop.rootfs(name).items() if entry.kind == "file"}

    assert files("registry.example/greeter:v1") == files("own:v1")
    theirs, ours = (laptop.inspect(name)["Config"] for name in ("registry.example/greeter:v1", "own:v1"))
    for key in ("Cmd", "WorkingDir"):
        assert theirs[key] == ours[key], key
    assert "GREETING=hello" in theirs["Env"] and "GREETING=hello" in ours["Env"]
