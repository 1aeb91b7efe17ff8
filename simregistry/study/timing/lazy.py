"""Lazy pulling: start first, and fetch what is read, a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterable

from simregistry.errors import InvalidValue
from simregistry.oci.descriptor import Descriptor
from simregistry.study.timing.work import Chain, RequestStep, Work

# Harter et al., FAST 2016 (C): of the bytes of an image a start reads so much.
READ = 0.064
# SOCI's span (soci-snapshotter docs/cli-usage.md, C): what is fetched at a time, in bytes.
SPAN = 4 * 1024 * 1024
# The index of a layer, as a share of its bytes. Chosen.
INDEX = 0.01


def work_of_lazy_pull(
    layers: Iterable[Descriptor | int], read: float = READ, span: int = SPAN, index: float = INDEX
) -> Work:
    """Make the work of starting from layers that are not here: an index of each, and the stretches that are read.

    A stretch is asked for when it is wanted, so those of one layer come one after the other, a round trip each. Nothing
    is unpacked: what is read is decompressed on the way.

    >>> work_of_lazy_pull([100_000_000], read=0.1, index=0.0).down
    10002000
    """
    if not 0 <= read <= 1 or not 0 <= index <= 1 or span < 1:
        raise InvalidValue("lazy", read, "give shares from 0 to 1, and a span of at least one byte")
    chains = []
    for number, layer in enumerate(layers, 1):
        size = layer if isinstance(layer, int) else layer.size
        wanted = int(size * read)
        stretches = [min(span, wanted - start) for start in range(0, wanted, span)]
        steps = (
            RequestStep("GET index", down=int(size * index)),
            *(RequestStep("GET range", down=each) for each in stretches),
        )
        chains.append(Chain(f"layer {number}", steps))
    return Work((RequestStep("GET manifest", down=2_000),), tuple(chains))
