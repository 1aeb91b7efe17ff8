"""One large layer by skopeo, there and back: time and the server's peak of memory, beside docker-registry in one run.

    python benchmarks/large_layer.py [MIB [ROUNDS]]

Needs skopeo; the comparison needs docker-registry. The peak is the kernel's figure for the server's process (VmHWM).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
MIB = 1024 * 1024


def make_image(folder: Path, mebibytes: int) -> int:
    """Write an image of one layer of random bytes, as skopeo's ``dir:`` holds it; gives its bytes."""
    folder.mkdir()
    hasher, block = hashlib.sha256(), os.urandom(MIB)
    with (folder / "layer").open("wb") as stream:
        for number in range(mebibytes):
            piece = number.to_bytes(8, "big") + block[8:]
            stream.write(piece)
            hasher.update(piece)
    layer = hasher.hexdigest()
    (folder / "layer").rename(folder / layer)
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{layer}"]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    name = hashlib.sha256(config).hexdigest()
    (folder / name).write_bytes(config)
    kind = "application/vnd.oci.image"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": {"mediaType": f"{kind}.config.v1+json", "digest": f"sha256:{name}", "size": len(config)},
        "layers": [{"mediaType": f"{kind}.layer.v1.tar+gzip", "digest": f"sha256:{layer}", "size": mebibytes * MIB}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "version").write_text("Directory Transport Version: 1.1\n")
    return mebibytes * MIB


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def download(port: int, digest: str) -> float:
    """Read the layer and throw it away: what the server takes, without what skopeo does with it."""
    buffer = memoryview(bytearray(MIB))
    start = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", f"/v2/big/blobs/{digest}")
    answer = line.getresponse()
    while answer.readinto(buffer):
        pass
    line.close()
    return time.perf_counter() - start


def measure(command: list[str], port: int, scratch: Path) -> tuple[float, float, float, float, int]:
    """Push and pull once; gives the seconds of both and of a bare download, the server's CPU seconds and peak bytes."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        place, seconds = f"docker://127.0.0.1:{port}/big:v1", []
        back = scratch / "back"
        for pair in ((f"dir:{scratch / 'image'}", place), (place, f"dir:{back}")):
            tls = ["--dest-tls-verify=false" if pair[1] == place else "--src-tls-verify=false"]
            start = time.perf_counter()
            subprocess.run(["skopeo", "copy", "-q", "--preserve-digests", *tls, *pair], check=True)
            seconds.append(time.perf_counter() - start)
        assert (back / "manifest.json").read_bytes() == (scratch / "image" / "manifest.json").read_bytes()
        shutil.rmtree(back)
        manifest = json.loads((scratch / "image" / "manifest.json").read_text())
        bare = statistics.median(download(port, manifest["layers"][0]["digest"]) for _ in range(3))
        peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text())[1]) * 1024
        ticks = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return *seconds, bare, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), peak
    finally:
        server.terminate()
        server.wait(20)


def command_of(name: str, scratch: Path, port: int) -> list[str]:
    """Say how a server is started over an empty store."""
    if name == "simregistry":
        return [sys.executable, "-m", "simregistry.cli", "serve", "--port", str(port)]
    shutil.rmtree(scratch / "storage", ignore_errors=True)
    config = scratch / "config.yml"
    config.write_text(CONFIG.format(root=scratch / "storage", port=port))
    return [name, "serve", str(config)]


def main() -> None:
    """Measure both in turn, so that neither has the warmer disk, and give the middle of the rounds."""
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = ["simregistry"] + (["docker-registry"] if shutil.which("docker-registry") else [])
    found: dict[str, list[tuple[float, float, float, float, int]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        stored = make_image(scratch / "image", mebibytes)
        for number in range(rounds):
            for name in names if number % 2 else names[::-1]:
                port = free_port()
                found[name].append(measure(command_of(name, scratch, port), port, scratch))
    middle = {name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in found.items()}
    for name, (push, pull, bare, own, peak) in middle.items():
        over = f"{(peak - stored) / 1e6:,.0f} MB over the stored bytes" if name == "simregistry" else "stored on disk"
        times = f"push {push:5.2f} s  pull {pull:5.2f} s  bare download {bare:5.2f} s  CPU {own:5.2f} s"
        print(f"{name:<16} {times}  peak {peak / 1e6:6,.0f} MB, {over}")
    if len(names) == 2:
        ratios = [ours / theirs for ours, theirs in zip(middle[names[0]], middle[names[1]], strict=True)]
        push, pull, bare, own = (f"{ratio:5.2f}" for ratio in ratios[:4])
        print(f"ratio            push {push}    pull {pull}    bare download {bare}    CPU {own}")


if __name__ == "__main__":
    main()
