"""Upload sessions: a blob on its way in, which nobody can see yet.

1. Nobody can read the bytes of a session: a blob exists from the moment its digest was verified, or not at all.
2. A session belongs to the storage, not to the front end that opened it, so any front end can go on with it.
3. Chunks come in order: distribution-spec, "Pushing a blob in chunks": "Chunks MUST be uploaded in order, with the
   first byte of a chunk being the last chunk's <end-of-range> plus one. If a chunk is uploaded out of order, the
   registry MUST respond with a 416 Requested Range Not Satisfiable code."

    none --POST--> open --PATCH, GET--> open --PUT--> blob
                     \\--DELETE, or PUT of other bytes--> none
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import NAMESPACE_URL, uuid5

from simregistry.errors import BlobUploadInvalid, BlobUploadUnknown, DigestInvalid, SizeInvalid
from simregistry.oci.content import Content, Pieces, digest_of, joined
from simregistry.oci.digest import Digest

State = Literal["none", "open", "blob"]
# A PUT whose bytes do not have the digest that it names.
WRONG_DIGEST = "PUT, wrong digest"
# What a request does to a session: (state, request) -> state. `Uploads.move` goes by this table and nothing else, so
# what is not in it can't happen. A refused chunk is not in it either: it leaves the session as it was.
TRANSITIONS: Mapping[tuple[State, str], State] = {
    ("none", "POST"): "open",
    ("open", "PATCH"): "open",
    ("open", "GET"): "open",
    ("open", "PUT"): "blob",
    ("open", WRONG_DIGEST): "none",
    ("open", "DELETE"): "none",
}

# From this many bytes on, hashing a second time costs more than everything around it.
WORTH_IT = 1024 * 1024


class BlobUpload(Protocol):
    """What the API asks of an upload: anything with these can stand in place of ``UploadSession``."""

    @property
    def id(self) -> str:
        """What the Location header calls it."""
        ...

    @property
    def repository(self) -> str:
        """The repository that the blob is for."""
        ...

    @property
    def received(self) -> int:
        """Bytes so far."""
        ...

    @property
    def range(self) -> str:
        """What has been received, as the Range header says it."""
        ...

    def append(self, content: Content, content_range: str = "") -> None:
        """Take the next chunk, or raise a SpecError if it is not the next one."""
        ...

    def finish(self, digest: Digest) -> Content:
        """Return the whole content, or raise DigestInvalid if it has another digest."""
        ...


@dataclass(slots=True)
class UploadSession:
    """What has come in so far for one blob of one repository.

    >>> session = UploadSession("1", "app")
    >>> session.append(b"0123", "0-3")
    >>> session.append(b"4567", "4-7")
    >>> session.range, session.finish(Digest.of(b"01234567"))
    ('0-7', b'01234567')
    """

    id: str
    repository: str
    parts: list[Content] = field(default_factory=list)
    received: int = 0

    def append(self, content: Content, content_range: str = "") -> None:
        """Take the next chunk, or raise BlobUploadInvalid (416) where it is not the next one."""
        # Without a Content-Range this is a stream, and all of it is next.
        if content_range:
            start, stop = parse_content_range(content_range)
            # The client says where the chunk belongs, and may be wrong: which byte is next, the registry knows itself.
            if start != self.received:
                message = f"the next chunk must start at byte {self.received}, not {start}"
                detail = {"expected": self.received, "got": start}
                raise BlobUploadInvalid(message, detail, status=416)
            # Subtle: both ends belong to the range, so 0-3 is four bytes.
            if stop - start + 1 != len(content):
                message = f"Content-Range {content_range} is {stop - start + 1} bytes, the body is {len(content)}"
                raise SizeInvalid(message, {"expected": stop - start + 1, "got": len(content)})
        # The parts are joined at the end alone: joining at every chunk would copy the first one again and again.
        if len(content):
            self.parts.append(content)
            self.received += len(content)

    def finish(self, digest: Digest) -> Content:
        """Return the whole content, or raise DigestInvalid where it is not what was announced."""
        content = joined(self.parts)
        # The moment on which everything rests: the registry hashes what came, and believes no name that it is given.
        got = None if content is None else digest_of(content, digest.algorithm)
        if content is None or got != digest:
            raise DigestInvalid(f"the upload's digest is {got}, not {digest}", {"expected": digest, "got": got})
        # A large blob takes its digest along, so that the shelf need not hash it a second time.
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
    # Subtle: Python's int() takes more than digits, "1_000" and digits of other scripts among them, so ask first.
    digits = (start + stop).isascii() and start.isdigit() and stop.isdigit() and len(text) <= 40
    if not (dash and digits and int(start) <= int(stop)):
        raise BlobUploadInvalid(f"Content-Range {text[:40]!r} must be start-end, as 0-1023", {"got": text[:40]})
    return int(start), int(stop)


def numbered_id(number: int) -> str:
    """Make the same id of a number each time, on every machine."""
    return str(uuid5(NAMESPACE_URL, f"upload {number}"))


@dataclass(slots=True)
class Uploads:
    """All open sessions, by id.

    distribution-spec, "POST then PUT": "The <location> MUST contain a UUID representing a unique session ID". These are
    made from a running number, so that a lesson prints the same on every machine. Whoever knows an id can add to the
    upload, so a served registry sets ``new_id`` to one that nobody can guess.
    """

    _sessions: dict[str, BlobUpload] = field(default_factory=dict)
    _opened: int = 0
    # What makes a session of an id and a repository: a student's own stands here in place of ours.
    new: Callable[[str, str], BlobUpload] = UploadSession
    # What makes an id of a running number.
    new_id: Callable[[int], str] = numbered_id

    def open(self, repository: str) -> BlobUpload:
        """Begin a session."""
        self._opened += 1
        session = self.new(self.new_id(self._opened), repository)
        self.move(session, "POST")
        return session

    def get(self, repository: str, id: str) -> BlobUpload:
        """Find an open session of a repository, or raise BlobUploadUnknown."""
        session = self._sessions.get(id)
        # An id of another repository is unknown here: who may write to one must not reach into another.
        if session is None or session.repository != repository:
            raise _unknown(repository, id)
        return session

    def move(self, session: BlobUpload, request: str) -> State:
        """Bring a session into the state in which a request leaves it, by the table, and return that state.

        >>> uploads = Uploads()
        >>> session = uploads.open("app")
        >>> uploads.move(session, "PATCH"), uploads.move(session, "PUT"), len(uploads)
        ('open', 'blob', 0)
        """
        before: State = "open" if session.id in self._sessions else "none"
        after = TRANSITIONS.get((before, request))
        if after is None:
            raise _unknown(session.repository, session.id)
        # Open sessions are remembered. A blob is the store's from now on, and a cancelled upload is nobody's.
        if after == "open":
            self._sessions[session.id] = session
        else:
            del self._sessions[session.id]
        return after

    def __iter__(self) -> Iterator[BlobUpload]:
        return iter(tuple(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)


def _unknown(repository: str, id: str) -> BlobUploadUnknown:
    return BlobUploadUnknown(f"no upload {id} in {repository}; begin one with POST", {"upload": id})
