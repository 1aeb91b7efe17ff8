"""Upload sessions: a blob on its way in, not yet anywhere to be seen.

1. The bytes of a session can be read by nobody: a blob exists from the moment its digest was verified, or not at all.
2. A session belongs to the storage, not to the front end that opened it, so any front end can go on with it.
3. Chunks come in order: distribution-spec, "Pushing a blob in chunks": "Chunks MUST be uploaded in order, with the
   first byte of a chunk being the last chunk's <end-of-range> plus one. If a chunk is uploaded out of order, the
   registry MUST respond with a 416 Requested Range Not Satisfiable code."

    POST --> open --PATCH--> open --PUT digest--> blob
                \\--DELETE--> gone
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from simregistry.errors import BlobUploadInvalid, BlobUploadUnknown, DigestInvalid, SizeInvalid
from simregistry.oci.content import Content, Pieces, digest_of, joined
from simregistry.oci.digest import Digest

# What each request does to a session: (state, method) -> state. The lesson's diagram is drawn from this table.
TRANSITIONS = {
    ("none", "POST"): "open",
    ("open", "PATCH"): "open",
    ("open", "GET"): "open",
    ("open", "PUT"): "blob",
    ("open", "DELETE"): "none",
}


# Bytes from which on a second hash costs more than what surrounds it.
WORTH_IT = 1024 * 1024


@dataclass(slots=True)
class UploadSession:
    """What has come in so far for one blob of one repository."""

    id: str
    repository: str
    parts: list[Content] = field(default_factory=list)
    received: int = 0

    def append(self, content: Content, content_range: str = "") -> None:
        """Take the next chunk, or raise BlobUploadInvalid (416) where it is not the next one."""
        if content_range:
            start, stop = parse_content_range(content_range)
            if start != self.received:
                message = f"the next chunk must start at byte {self.received}, not {start}"
                detail = {"expected": self.received, "got": start}
                raise BlobUploadInvalid(message, detail, status=416)
            if stop - start + 1 != len(content):
                message = f"Content-Range {content_range} is {stop - start + 1} bytes, the body is {len(content)}"
                raise SizeInvalid(message, {"expected": stop - start + 1, "got": len(content)})
        if len(content):
            self.parts.append(content)
            self.received += len(content)

    def finish(self, digest: Digest) -> Content:
        """Give the whole content, or raise DigestInvalid where it is not what was announced."""
        content = joined(self.parts)
        got = None if content is None else digest_of(content, digest.algorithm)
        if content is None or got != digest:
            raise DigestInvalid(f"the upload's digest is {got}, not {digest}", {"expected": digest, "got": got})
        # A blob of some size takes its digest along, so that the shelf need not hash it once more.
        if isinstance(content, bytes) and len(content) >= WORTH_IT and digest.algorithm == "sha256":
            return Pieces((content,), got)
        return content

    @property
    def range(self) -> str:
        """What has been received, as the Range header says it: both ends belong to it, so one byte is 0-0.

        Nothing at all has no range of its own in this notation; CNCF distribution writes 0-0 then too.
        """
        return f"0-{max(0, self.received - 1)}"


def parse_content_range(text: str) -> tuple[int, int]:
    """Read ``start-end`` (distribution-spec, "Pushing a blob in chunks": "^[0-9]+-[0-9]+$").

    >>> parse_content_range("0-1023")
    (0, 1023)
    """
    start, dash, stop = text.partition("-")
    digits = (start + stop).isascii() and start.isdigit() and stop.isdigit() and len(text) <= 40
    if not (dash and digits and int(start) <= int(stop)):
        raise BlobUploadInvalid(f"Content-Range {text[:40]!r} must be start-end, as 0-1023", {"got": text[:40]})
    return int(start), int(stop)


@dataclass(slots=True)
class Uploads:
    """All open sessions, by id.

    distribution-spec, "POST then PUT": "The <location> MUST contain a UUID representing a unique session ID". These are
    made from a running number, so that a lesson prints the same on every machine; nothing secret hangs on them.
    """

    _sessions: dict[str, UploadSession] = field(default_factory=dict)
    _opened: int = 0
    # What makes a session of an id and a repository: a student's own stands here in place of ours.
    new: Callable[[str, str], UploadSession] = UploadSession

    def open(self, repository: str) -> UploadSession:
        """Begin a session."""
        self._opened += 1
        session = self.new(str(uuid5(NAMESPACE_URL, f"upload {self._opened}")), repository)
        self._sessions[session.id] = session
        return session

    def get(self, repository: str, id: str) -> UploadSession:
        """Find a session of a repository, or raise BlobUploadUnknown."""
        session = self._sessions.get(id)
        if session is None or session.repository != repository:
            raise BlobUploadUnknown(f"no upload {id} in {repository}; begin one with POST", {"upload": id})
        return session

    def close(self, session: UploadSession) -> None:
        """Forget a session and what it held."""
        del self._sessions[session.id]

    def __iter__(self) -> Iterator[UploadSession]:
        return iter(tuple(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)
