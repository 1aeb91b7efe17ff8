"""Beside Debian's docker-registry, in the same run: small images, one large layer, and the collector."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import large_layer
import server
import storage_folder
from row import Row, in_turn

MISSING = "docker-registry is not here"


def measure(quick: bool) -> list[Row]:
    """Give the rows."""
    return [small(quick), *large(quick), collector(quick)]


def small(quick: bool) -> Row:
    """Push and read back small images by eight clients, in turn."""
    images, rounds = (80, 1) if quick else (2_000, 3)
    name, says = "server, small images", "requests a second, eight clients; more is better"
    found: dict[str, list[float]] = {"simregistry": [], "docker-registry": []}
    if not shutil.which("docker-registry"):
        del found["docker-registry"]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for which in list(found) if number % 2 else list(found)[::-1]:
                port = large_layer.free_port()
                command = large_layer.command_of(which, Path(folder), port)
                found[which].append(server.measure(command, port, images, 8))
    ours, *rest = (statistics.median(speeds) for speeds in found.values())
    if not rest:
        return Row(name, f"{ours:,.0f} a second", MISSING, None, says)
    theirs = rest[0]
    return Row(name, f"{ours:,.0f} a second", f"docker-registry {theirs:,.0f}", ours / theirs, says, better="more")


def large(quick: bool) -> list[Row]:
    """Push and pull one large layer by skopeo, in turn."""
    if not shutil.which("docker-registry") or not shutil.which("skopeo"):
        return [Row("server, one large layer", "", MISSING, None, "needs skopeo and docker-registry")]
    mebibytes, rounds = (16, 1) if quick else (512, 3)
    found: dict[str, list[tuple[float, ...]]] = {"simregistry": [], "docker-registry": []}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        large_layer.make_image(scratch / "image", mebibytes)
        for number in range(rounds):
            for name in list(found) if number % 2 else list(found)[::-1]:
                port = large_layer.free_port()
                found[name].append(large_layer.measure(large_layer.command_of(name, scratch, port), port, scratch))
    middle = [[statistics.median(column) for column in zip(*runs, strict=True)] for runs in found.values()]
    says = f"a layer of {mebibytes} MiB, by skopeo; theirs is kept on disk, ours in memory; less is better"
    return [
        Row(f"server, {what}", f"{middle[0][at]:.2f} s", f"docker-registry {middle[1][at]:.2f} s",
            middle[0][at] / middle[1][at], says)
        for at, what in enumerate(("large push", "large pull", "large bare download", "CPU of both"))
    ]  # fmt: skip


def collector(quick: bool) -> Row:
    """Plan over a storage folder by both collectors."""
    name, manifests = "collector over a folder", 200 if quick else 3_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = storage_folder.make(manifests, Path(scratch, "store"))
        config = Path(scratch, "config.yml")
        config.write_text(storage_folder.CONFIG.format(folder))
        ours = [sys.executable, "-m", "simregistry.cli", "gc", str(folder), "--delete-untagged", "--json"]
        theirs = ["docker-registry", "garbage-collect", "--dry-run", "--delete-untagged", str(config)]
        programs = [ours, theirs] if shutil.which("docker-registry") else [ours]
        actions = [lambda command=command: storage_folder.seconds(command) for command in programs]
        a, *rest = in_turn(1 if quick else 3, *actions)
    if not rest:
        return Row(name, f"{a:.2f} s", MISSING, None, f"{manifests:,} manifests, dry run")
    return Row(name, f"{a:.2f} s", f"docker-registry {rest[0]:.2f} s", a / rest[0],
               f"a dry run over {manifests:,} manifests and five times as many blobs; less is better")  # fmt: skip
