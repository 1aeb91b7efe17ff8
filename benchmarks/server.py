"""Many small pushes at once: the simulated registry over HTTP beside docker-registry, in one run.

    python benchmarks/server.py [IMAGES] [CLIENTS]

Each client is a process with one line that is kept open. An image has a layer of 2 KB, a config and a manifest; a push
is POST and PUT for each blob and PUT for the manifest. Afterwards each image is read back and compared.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import multiprocessing
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


def digest(content: bytes) -> str:
    """A blob's name."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def push_and_check(port: int, client: int, images: int) -> None:
    """Push so many images, then read them back."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    pushed = {}
    for number in range(images):
        name = f"team{client}/app{number % 5}"
        layer, config = hashlib.sha256(f"{client} {number}".encode()).digest() * 64, json.dumps({"n": number}).encode()
        for blob in (layer, config):
            _, headers, _ = send("POST", f"/v2/{name}/blobs/uploads/")
            place = "/v2/" + headers["Location"].partition("/v2/")[2]
            joint = "&" if "?" in place else "?"
            assert send("PUT", f"{place}{joint}digest={digest(blob)}", blob)[0] == 201
        kind = "application/vnd.oci.image.manifest.v1+json"
        body = {"schemaVersion": 2, "mediaType": kind}
        body["config"] = {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": digest(config),
            "size": len(config),
        }
        body["layers"] = [
            {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer), "size": len(layer)}
        ]
        raw = json.dumps(body).encode()
        assert send("PUT", f"/v2/{name}/manifests/v{number}", raw, Content_Type=kind)[0] == 201
        pushed[f"/v2/{name}/manifests/v{number}"] = raw
    for path, raw in pushed.items():
        assert send("GET", path, Accept=kind)[2] == raw, "two images were mixed up"


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(command: list[str], port: int, images: int, clients: int) -> float:
    """Requests a second, all clients together."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        start = time.perf_counter()
        work = [
            multiprocessing.Process(target=push_and_check, args=(port, n, images // clients)) for n in range(clients)
        ]
        for each in work:
            each.start()
        for each in work:
            each.join()
            assert each.exitcode == 0
        return images // clients * clients * 6 / (time.perf_counter() - start)
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    """Measure both, and print their ratio."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    port = free_port()
    ours = measure([sys.executable, "-m", "simregistry.cli", "serve", "--port", str(port)], port, images, clients)
    print(f"simregistry      {ours:>8,.0f} requests a second")
    if shutil.which("docker-registry"):
        with tempfile.TemporaryDirectory() as scratch:
            port, config = free_port(), Path(scratch, "config.yml")
            config.write_text(CONFIG.format(root=scratch, port=port))
            theirs = measure(["docker-registry", "serve", str(config)], port, images, clients)
        print(f"docker-registry  {theirs:>8,.0f} requests a second\nratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
