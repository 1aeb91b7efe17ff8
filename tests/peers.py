"""The real programs that tests are held against: where one is missing, CI fails and a person's run skips."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pytest

CONFIG = """version: 0.1
log: {{level: {level}, accesslog: {{disabled: {quiet}}}}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}, maintenance: {{uploadpurging: {{enabled: false}}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def program(name: str) -> str:
    """Where a program is. Where CI is true its absence is a failure; elsewhere the test is skipped."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not on the path")
    return str(found)


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DockerRegistry:
    """Debian's ``docker-registry`` over a storage folder: served while it is entered, collected when it is not."""

    def __init__(self, storage: Path, log: str = "error", auth: str = "") -> None:
        self.storage, self.port = storage, free_port()
        self.config = storage.parent / f"{storage.name}.yml"
        quiet = "true" if log == "error" else "false"
        self.config.write_text(CONFIG.format(root=storage, port=self.port, level=log, quiet=quiet) + auth)

    def __enter__(self) -> DockerRegistry:
        self.log = self.config.with_suffix(".log").open("wb")
        self.server = subprocess.Popen(
            [program("docker-registry"), "serve", str(self.config)], stdout=self.log, stderr=self.log
        )
        until = time.monotonic() + 30
        while True:
            try:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                self.line.request("GET", "/v2/")
                self.line.getresponse().read()
                return self
            except OSError:
                assert time.monotonic() < until and self.server.poll() is None, self.config.with_suffix(
                    ".log"
                ).read_text()
                time.sleep(0.02)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.line.close()
        self.server.terminate()
        self.server.wait(20)
        self.log.close()

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request, one answer."""
        self.line.request(method, path, body, dict(headers or {}))
        answer = self.line.getresponse()
        return answer.status, answer.headers, answer.read()

    def collect(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run the registry's own collector."""
        command = [program("docker-registry"), "garbage-collect", *flags, str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)
