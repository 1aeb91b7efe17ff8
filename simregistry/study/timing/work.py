"""What has to be done in a push or a pull, as time sees it: steps one after the other, and chains side by side.

It is read off a conversation: a blob's messages stay in order; those of different blobs may overlap; what comes before
the first blob comes first, and the manifest of a push comes last.
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
    """One request and its answer: body bytes up and down."""

    label: str
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps for one blob, in order, and the bytes to write to the disk when it is here (0: nothing to unpack)."""

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
        """Bytes to come down in all."""
        return sum(step.down for step in self.steps)

    @property
    def up(self) -> int:
        """Bytes to go up in all."""
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
    """Read the work off a pull; each layer that came is unpacked to so many bytes for each compressed one."""
    fetched = {layer.digest: layer.size for layer in report.layers if layer.outcome == "fetched"}
    work = _of(report.conversation)
    chains = tuple(
        replace(chain, unpacked=int(size * unpacking)) if (size := _size(chain.name, fetched)) else chain
        for chain in work.chains
    )
    return replace(work, chains=chains)


def work_of_push(report: PushReport) -> Work:
    """Read the work off a push."""
    return _of(report.conversation)


def work_of_layers(layers: Iterable[Descriptor | int], unpacking: float = UNPACKING) -> Work:
    """Make the work of a pull from layers or their compressed bytes: a manifest, then the layers."""
    sizes = [layer if isinstance(layer, int) else layer.size for layer in layers]
    chains = tuple(
        Chain(f"layer {n}", (RequestStep("GET blob", down=size),), int(size * unpacking))
        for n, size in enumerate(sizes, 1)
    )
    return Work((RequestStep("GET manifest", down=2_000),), chains)


def _size(name: str, sizes: Mapping[Digest, int]) -> int:
    return next((size for digest, size in sizes.items() if digest.startswith(f"sha256:{name}")), 0)


def _of(conversation: Conversation) -> Work:
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
    """Give the blob that each exchange is about, "" for none; an upload is its blob's, by the digest at its end."""
    exchanges: list[Exchange] = list(conversation)
    names = [_digest(each) for each in exchanges]
    # POST and PATCH name an upload; the PUT that ends it names the digest. Going backwards, they take its name.
    later: dict[str, str] = {}
    for n in range(len(exchanges) - 1, -1, -1):
        request = exchanges[n].request
        if "/blobs/uploads/" not in request.path:
            continue
        answer = exchanges[n].response
        place = request.path if request.method != "POST" else (answer.header("Location") if answer else "")
        upload = place.partition("?")[0].rpartition("/")[2]
        names[n] = names[n] or later.get(upload, "")
        if names[n]:
            later.setdefault(upload, names[n])
    return names


def _digest(exchange: Exchange) -> str:
    request = exchange.request
    if "/blobs/" not in request.path:
        return ""
    named = request.query.get("digest") or request.query.get("mount") or request.path.rpartition("/")[2]
    return named.partition(":")[2][:12]
