"""What a push or a pull did, as values: the conversation, and what happened to each blob."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation, shorten
from simregistry.table import Table, TableReport

Role = Literal["layer", "config", "manifest"]
Outcome = Literal["sent", "already there", "mounted", "fetched", "already here"]


@dataclass(frozen=True, slots=True)
class BlobTransfer:
    """What happened to one blob; ``moved_bytes`` are the body bytes that travelled for it."""

    descriptor: Descriptor
    role: Role
    outcome: Outcome
    moved_bytes: int
    source: str = ""

    @property
    def digest(self) -> Digest:
        """The blob's digest."""
        return self.descriptor.digest

    @property
    def size(self) -> int:
        """The blob's size in bytes."""
        return self.descriptor.size


@dataclass(frozen=True, slots=True, repr=False)
class Transfer(TableReport):
    """What the reports of pushes and pulls have in common."""

    reference: str
    digest: Digest
    blobs: tuple[BlobTransfer, ...]
    conversation: Conversation = field(repr=False)

    @property
    def image_bytes(self) -> int:
        """Bytes of the whole image: layers, config and manifest."""
        return sum(blob.size for blob in self.blobs)

    @property
    def layers(self) -> tuple[BlobTransfer, ...]:
        """The layers alone, from the base up."""
        return tuple(blob for blob in self.blobs if blob.role == "layer")

    def bytes_of(self, outcome: Outcome) -> int:
        """Add up the sizes of the blobs with this outcome."""
        return sum(blob.size for blob in self.blobs if blob.outcome == outcome)

    def table(self) -> Table:
        """Show what happened to each blob, a line each, from the base layer up."""
        rows = tuple(
            (b.role, b.digest.short, b.size, b.outcome + (f" from {b.source}" if b.source else ""), b.moved_bytes)
            for b in self.blobs
        )
        return Table(("what", "digest", "size", "outcome", "bytes moved"), rows, title=self.headline)

    @property
    def headline(self) -> str:
        """The report in a line."""
        return self.reference


@dataclass(frozen=True, slots=True, repr=False)
class PushReport(Transfer):
    """What a push did."""

    @property
    def sent_bytes(self) -> int:
        """Body bytes that went up, with those of the manifest."""
        return self.conversation.up

    @property
    def skipped_bytes(self) -> int:
        """Bytes that were there already."""
        return self.bytes_of("already there")

    @property
    def mounted_bytes(self) -> int:
        """Bytes that the registry took from another of its repositories, so that they did not travel."""
        return self.bytes_of("mounted")

    @property
    def headline(self) -> str:
        """The report in a line."""
        return f"pushed {shorten(self.reference)}: {self.sent_bytes:,} of {self.image_bytes:,} bytes sent"


@dataclass(frozen=True, slots=True, repr=False)
class PullReport(Transfer):
    """What a pull did."""

    changed: bool = True

    @property
    def fetched_bytes(self) -> int:
        """Body bytes of the blobs and manifests that came down."""
        return self.conversation.down - PING_BYTES

    @property
    def already_bytes(self) -> int:
        """Bytes that were here already."""
        return self.bytes_of("already here")

    @property
    def status(self) -> str:
        """What Docker says last."""
        return "Downloaded newer image" if self.changed else "Image is up to date"

    @property
    def headline(self) -> str:
        """The report in a line."""
        return f"pulled {shorten(self.reference)}: {self.fetched_bytes:,} of {self.image_bytes:,} bytes fetched"


# The two bytes, {}, that answer GET /v2/: part of the conversation, not of the image.
PING_BYTES = 2
