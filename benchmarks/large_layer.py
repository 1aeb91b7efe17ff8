"""One large layer by skopeo, there and back: time and the server's peak of memory, beside docker-registry in one run.

    python benchmarks/large_layer.py [MIB]

Needs skopeo; the comparison needs docker-registry. The peak is the kernel's figure for the server's process (VmHWM).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
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


def measure(name: str, command: list[str], port: int, scratch: Path, stored: int) -> None:
    """Push and pull once, and print a line."""
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
        back = scratch / f"back-{name}"
        for pair in ((f"dir:{scratch / 'image'}", place), (place, f"dir:{back}")):
            tls = ["--dest-tls-verify=false" if pair[1] == place else "--src-tls-verify=false"]
            start = time.perf_counter()
            subprocess.run(["skopeo", "copy", "-q", "--preserve-digests", *tls, *pair], check=True)
            seconds.append(time.perf_counter() - start)
        assert (back / "manifest.json").read_bytes() == (scratch / "image" / "manifest.json").read_bytes()
        shutil.rmtree(back)
        peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text())[1]) * 1024
        over = f"{(peak - stored) / 1e6:,.0f} MB over the stored bytes" if name == "simregistry" else "stored on disk"
        print(f"{name:<16} push {seconds[0]:5.2f} s  pull {seconds[1]:5.2f} s  peak {peak / 1e6:6,.0f} MB, {over}")
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    """Measure both."""
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        stored = make_image(scratch / "image", mebibytes)
        port = free_port()
        ours = [sys.executable, "-m", "simregistry.cli", "serve", "--port", str(port)]
        measure("simregistry", ours, port, scratch, stored)
        if shutil.which("docker-registry"):
            port, config = free_port(), scratch / "config.yml"
            config.write_text(CONFIG.format(root=scratch / "storage", port=port))
            measure("docker-registry", ["docker-registry", "serve", str(config)], port, scratch, stored)


if __name__ == "__main__":
    main()
