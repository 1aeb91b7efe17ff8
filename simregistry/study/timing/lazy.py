"""Lazy pulling: start the container first, and fetch each range of a layer when the program reads it."""

from __future__ import annotations

from collections.abc import Iterable

from simregistry.errors import InvalidValue
from simregistry.oci.descriptor import Descriptor
from simregistry.study.timing.work import Chain, RequestStep, Work

# The share of an image's bytes that a container reads when it starts (Harter et al., FAST 2016, C).
READ = 0.064
# SOCI's span: the bytes that are fetched at a time (soci-snapshotter docs/cli-usage.md, C).
SPAN = 4 * 1024 * 1024
# The index of a layer, as a share of its bytes. Chosen.
INDEX = 0.01


def work_of_lazy_pull(
    layers: Iterable[Descriptor | int], read: float = READ, span: int = SPAN, index: float = INDEX
) -> Work:
    """Return the work of starting from layers that are still in the registry: an index of each, and the ranges read.

    The client asks for a range when the program reads it, so the ranges of one layer come one after the other, with a
    round trip each. No layer is unpacked: the client decompresses what is read as it arrives.

    >>> work_of_lazy_pull([100_000_000], read=0.1, index=0.0).down
    10002000
    """
    if not 0 <= read <= 1 or not 0 <= index <= 1 or span < 1:
        raise InvalidValue("lazy", read, "give shares from 0 to 1, and a span of at least one byte")
    chains = []
    for number, layer in enumerate(layers, 1):
        size = layer if isinstance(layer, int) else layer.size
        read_bytes = int(size * read)
        ranges = [min(span, read_bytes - start) for start in range(0, read_bytes, span)]
        steps = (
            RequestStep("GET index", down=int(size * index)),
            *(RequestStep("GET range", down=length) for length in ranges),
        )
        chains.append(Chain(f"layer {number}", steps))
    return Work((RequestStep("GET manifest", down=2_000),), tuple(chains))
