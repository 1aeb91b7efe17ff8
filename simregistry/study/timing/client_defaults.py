"""The defaults of real clients: how many transfers at a time, how they unpack, and how often they try again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientDefaults:
    """A client's defaults.

    ``unpackers`` is how many layers are unpacked at once; with one, layers are unpacked from the base up, each after
    its parent. A failed transfer is tried again until ``attempts`` are used up; ``wait`` says how long the client
    waits before that.
    """

    name: str
    downloads: int
    uploads: int
    attempts: int
    first_wait: float
    wait_factor: float = 0.0
    unpackers: int = 1
    unpacks: bool = True
    source: str = ""

    def wait(self, failures: int) -> float:
        """Return the seconds to wait after the n-th failure of a transfer: n times the first wait, or by the factor."""
        if self.wait_factor:
            return self.first_wait * self.wait_factor ** (failures - 1)
        return self.first_wait * failures

    @property
    def longest_wait(self) -> float:
        """All seconds of waiting before the client gives up.

        >>> ENGINE.longest_wait, CRANE.longest_wait
        (50.0, 4.0)
        """
        return float(sum(self.wait(failures) for failures in range(1, self.attempts)))


ENGINE = ClientDefaults(
    "docker engine", downloads=3, uploads=5, attempts=5, first_wait=5.0,
    source="moby daemon/config/config.go, xfer/download.go (C): 3 and 5 at a time; attempt x 5 s; unpacks bottom-up",
)  # fmt: skip
CONTAINERD = ClientDefaults(
    "containerd", downloads=3, uploads=3, attempts=1, first_wait=0.0,
    source="containerd plugins/transfer/plugin.go (C): 3 downloads, 3 uploads, one unpack",
)  # fmt: skip
CRANE = ClientDefaults(
    "crane", downloads=4, uploads=4, attempts=3, first_wait=1.0, wait_factor=3.0, unpacks=False,
    source="go-containerregistry pkg/v1/remote/options.go (C): 4 jobs, 3 tries from 1 s, three times as long each",
)  # fmt: skip
REAL_CLIENTS = (ENGINE, CONTAINERD, CRANE)
