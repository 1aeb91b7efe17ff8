"""The work of a push or a pull: steps that come one after the other, and chains of steps that run side by side.

The work is read from a conversation. The messages of one blob stay in order, those of different blobs may overlap.
What comes before the first blob stays first, and the manifest of a push stays last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from simregistry.client.transfer_report import PullReport, PushReport
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation, Exchange

# Uncompressed bytes for each compressed one: the median of layers (Zhao et al., CLUSTER 2019, second-hand, S).
UNPACKING = 2.6


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One request and its answer: the bytes of their bodies, up and down."""

    label: str
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps for one blob, in order, and the bytes to write to the disk afterwards (0: nothing to unpack)."""

    name: str
    steps: tuple[RequestStep, ...]
    unpacked: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Steps, then chains side by side, then steps."""

    before: tuple[RequestStep, ...]
    chains: tuple[Chain, ...]
    after: tuple[RequestStep, ...] = ()

    @property
    def down(self) -> int:
        """Bytes that come down in all."""
        return sum(step.down for step in self.steps)

    @property
    def up(self) -> int:
        """Bytes that go up in all."""
        return sum(step.up for step in self.steps)

    @property
    def unpacked(self) -> int:
        """Bytes to write to the disk."""
        return sum(chain.unpacked for chain in self.chains)

    @property
    def steps(self) -> tuple[RequestStep, ...]:
        """All requests."""
        return (*self.before, *(step for chain in self.chains for step in chain.steps), *self.after)


def work_of_pull(report: PullReport, unpacking: float = UNPACKING) -> Work:
    """Read the work from the report of a pull; a fetched layer unpacks to ``unpacking`` times its compressed bytes."""
    fetched = {layer.digest: layer.size for layer in report.layers if layer.outcome == "fetched"}
    work = _of(report.conversation)
    chains = tuple(
        replace(chain, unpacked=int(size * unpacking)) if (size := _size(chain.name, fetched)) else chain
        for chain in work.chains
    )
    return replace(work, chains=chains)


def work_of_push(report: PushReport) -> Work:
    """Read the work from the report of a push."""
    return _of(report.conversation)


def work_of_layers(layers: Iterable[Descriptor | int], unpacking: float = UNPACKING) -> Work:
    """Return the work of a pull of these layers, given as descriptors or as compressed bytes."""
    sizes = [layer if isinstance(layer, int) else layer.size for layer in layers]
    chains = tuple(
        Chain(f"layer {n}", (RequestStep("GET blob", down=size),), int(size * unpacking))
        for n, size in enumerate(sizes, 1)
    )
    return Work((RequestStep("GET manifest", down=2_000),), chains)


def _size(name: str, sizes: Mapping[Digest, int]) -> int:
    return next((size for digest, size in sizes.items() if digest.startswith(f"sha256:{name}")), 0)


def _of(conversation: Conversation) -> Work:
    """Sort the exchanges of a conversation into those before the blobs, one chain for each blob, and those after."""
    before: list[RequestStep] = []
    after: list[RequestStep] = []
    chains: dict[str, list[RequestStep]] = {}
    uploading = ""
    for exchange, name in zip(conversation, _names(conversation), strict=True):
        step = RequestStep(f"{exchange.request.method} {'blob' if name else 'other'}", exchange.up, exchange.down)
        if name:
            chains.setdefault(name, []).append(step)
            uploading = name
        else:
            (after if uploading else before).append(step)
    return Work(tuple(before), tuple(Chain(name, tuple(steps)) for name, steps in chains.items()), tuple(after))


def _names(conversation: Conversation) -> Sequence[str]:
    """Return for each exchange the blob that it is about, by the first digits of its digest; "" for none."""
    exchanges: list[Exchange] = list(conversation)
    names = [_digest(exchange) for exchange in exchanges]
    # Subtle: a POST or PATCH names only the upload. The PUT that ends the upload names the digest as well, so we go
    # backwards and remember each upload's digest.
    digest_of_upload: dict[str, str] = {}
    for n in range(len(exchanges) - 1, -1, -1):
        request = exchanges[n].request
        if "/blobs/uploads/" not in request.path:
            continue
        answer = exchanges[n].response
        location = request.path if request.method != "POST" else (answer.header("Location") if answer else "")
        upload = location.partition("?")[0].rpartition("/")[2]
        names[n] = names[n] or digest_of_upload.get(upload, "")
        if names[n]:
            digest_of_upload.setdefault(upload, names[n])
    return names


def _digest(exchange: Exchange) -> str:
    """Return the first twelve digits of the digest that a request names, "" if it names none."""
    request = exchange.request
    if "/blobs/" not in request.path:
        return ""
    digest = request.query.get("digest") or request.query.get("mount") or request.path.rpartition("/")[2]
    return digest.partition(":")[2][:12]
