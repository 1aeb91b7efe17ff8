"""Whether the config of an image in an archive is true: one diff ID for each layer, and each layer is what it says.

The manifest of an archive's image is made from the archive's own words, so no digest from outside vouches for it. What
is wrong here is refused by ``skopeo`` too, and by ``docker load``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

from simregistry.connect.tar_members import GZIP
from simregistry.errors import DigestMismatch, InvalidValue
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_UNPACKED
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import DOCKER_CONFIG, LAYERS, NONDISTRIBUTABLE, OCI_CONFIG, OCI_LAYER_ZSTD

# Layers whose bytes can't be compared with a diff ID: those that may be elsewhere, and those that nothing here unpacks.
UNREAD = NONDISTRIBUTABLE | {OCI_LAYER_ZSTD}
# Bytes that are unpacked at once.
PIECE = 1024 * 1024


def check_config(manifest: ImageManifest, raw: bytes, diff_id_of: Callable[[Descriptor, str], Digest]) -> None:
    """Raise InvalidValue or DigestMismatch if the config of an image does not fit its layers.

    ``diff_id_of`` unpacks a layer and hashes it by an algorithm.
    """
    # What isn't an image has a config of its own kind, or layers that are no archives.
    if manifest.config.media_type not in (OCI_CONFIG, DOCKER_CONFIG):
        return
    if any(layer.media_type not in LAYERS for layer in manifest.layers):
        return
    diff_ids = ImageConfig.parse(raw).diff_ids
    if len(diff_ids) != len(manifest.layers):
        rule = f"names {len(diff_ids)} layers, the archive has {len(manifest.layers)}: save the image again"
        raise InvalidValue("image config", manifest.config.digest, rule)
    for layer, diff_id in zip(manifest.layers, diff_ids, strict=True):
        if layer.media_type not in UNREAD and (actual := diff_id_of(layer, diff_id.algorithm)) != diff_id:
            raise DigestMismatch(diff_id, actual)


def unpacked_digest(pieces: Iterable[bytes], algorithm: str) -> Digest:
    """Hash a layer's archive, unpacked if gzip packed it, and hold no more than a piece of it."""
    hasher = Digest.hasher(algorithm)
    for piece in _unpacked(iter(pieces)):
        hasher.update(piece)
    return Digest.of_hash(hasher)


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith(GZIP):
        yield first
        yield from pieces
        return
    size, stream, waiting = 0, zlib.decompressobj(wbits=31), first
    while waiting:
        try:
            # Subtle: without a bound, a megabyte of zeros that gzip packed unpacks to a gigabyte at once.
            piece = stream.decompress(waiting, PIECE)
        except zlib.error as error:
            raise InvalidValue("layer", f"{size:,} bytes", f"is broken gzip after these ({error})") from None
        size += len(piece)
        if size > LARGEST_UNPACKED:
            raise InvalidValue("layer", f"{size:,} bytes", f"unpacks to more than {LARGEST_UNPACKED:,} bytes")
        yield piece
        waiting = stream.unconsumed_tail or (stream.unused_data if stream.eof else b"") or next(pieces, b"")
        # A gzip file may be several streams, one after the other (RFC 1952, section 2.2).
        if stream.eof and waiting:
            stream = zlib.decompressobj(wbits=31)
    if not stream.eof:
        raise InvalidValue("layer", f"{size:,} bytes", "is cut off in the middle of a gzip stream")
