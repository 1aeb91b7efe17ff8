"""Push: ask what is there, send what is missing, and the manifest last.

1. The manifest goes last, since a registry refuses one whose blobs are missing: so a push that stops half-way leaves no
   half image to be pulled.
2. A blob is asked for before it is sent; where another repository of the same registry has it, it is mounted.
3. The config travels as a blob like any layer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from simregistry.client.dialect import Dialect
from simregistry.client.transfer_report import BlobTransfer, Outcome, PushReport, Role
from simregistry.client.transport import Recorder
from simregistry.errors import TransferFailed
from simregistry.oci.content import Content, Nominal, bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import ACCEPT
from simregistry.oci.messages import Request, Response


@dataclass(slots=True)
class RegistryMemory:
    """What a client remembers of one registry: where it saw a blob, and uploads it did not finish."""

    seen: dict[Digest, list[str]] = field(default_factory=dict)
    unfinished: dict[tuple[str, Digest], str] = field(default_factory=dict)

    def saw(self, digest: Digest, repository: str) -> None:
        """Remember that a repository has a blob."""
        places = self.seen.setdefault(digest, [])
        if repository not in places:
            places.append(repository)

    def elsewhere(self, digest: Digest, repository: str) -> str:
        """Name another repository that was seen to have a blob; empty where there is none."""
        return next((place for place in self.seen.get(digest, ()) if place != repository), "")


@dataclass(slots=True)
class Push:
    """One push on its way: the image, where it goes, and what was said so far."""

    wire: Recorder
    repository: str
    tag: str
    manifest: ImageManifest
    blobs: dict[Digest, Content]
    memory: RegistryMemory
    dialect: Dialect
    chunk_bytes: int = 0

    def run(self, reference: str) -> PushReport:
        """Go through the steps; raises TransferFailed, with the conversation, where one does not succeed."""
        try:
            transfers = self._steps()
        except ConnectionError as error:
            message = f"push of {reference} stopped: {error}; push again to go on"
            raise TransferFailed(message, self.wire.conversation) from error
        return PushReport(reference, self.manifest.digest, transfers, self.wire.conversation)

    def _steps(self) -> tuple[BlobTransfer, ...]:
        self._expect(Request("GET", "/v2/"), (200,), "is this a registry?")
        if self.dialect.asks_for_manifest and self.manifest_exists():
            return self._all_there()
        transfers = [self.send_blob(layer, "layer") for layer in self._distinct_layers()]
        transfers.append(self.send_blob(self.manifest.config, "config"))
        transfers.append(self.put_manifest())
        return tuple(transfers)

    def _distinct_layers(self) -> tuple[Descriptor, ...]:
        """An image may hold one layer twice; it travels once."""
        return tuple({layer.digest: layer for layer in self.manifest.layers}.values())

    def manifest_exists(self) -> bool:
        """Ask whether the tag points at this very manifest already."""
        request = Request("HEAD", f"/v2/{self.repository}/manifests/{self.tag}", headers={"Accept": ACCEPT})
        response = self._expect(request, (200, 404), "does the tag have this manifest?")
        return response.ok and response.header("Docker-Content-Digest") == self.manifest.digest

    def send_blob(self, blob: Descriptor, role: Role) -> BlobTransfer:
        """Bring one blob there, by the cheapest way that works: it is there, it can be mounted, it is sent."""
        if self.blob_exists(self.repository, blob, f"is the {role} there?"):
            return self._done(blob, role, "already there")
        mountable = role == "layer" or self.dialect.mounts_config
        source = self.memory.elsewhere(blob.digest, self.repository) if mountable else ""
        if source and self._source_confirmed(source, blob):
            query = {"mount": str(blob.digest), "from": source}
            request = Request("POST", f"/v2/{self.repository}/blobs/uploads/", query)
            response = self._expect(request, (201, 202), f"mount the {role} from {source}")
            if response.status == 201:
                return self._done(blob, role, "mounted", source=source)
            return self._sent(blob, role, response.header("Location"))
        if (
            role == "layer"
            and self.dialect.asks_again
            and self.blob_exists(self.repository, blob, "is it there by now?")
        ):
            return self._done(blob, role, "already there")
        return self._sent(blob, role, self.begin_upload(blob, role))

    def blob_exists(self, repository: str, blob: Descriptor, note: str) -> bool:
        """Ask a repository for a blob's headers."""
        return self._expect(Request("HEAD", f"/v2/{repository}/blobs/{blob.digest}"), (200, 404), note).ok

    def _source_confirmed(self, source: str, blob: Descriptor) -> bool:
        return not self.dialect.confirms_mount_source or self.blob_exists(source, blob, f"does {source} have it still?")

    def begin_upload(self, blob: Descriptor, role: Role) -> str:
        """Open an upload session, or find the one that an earlier push left; gives its location."""
        left = self.memory.unfinished.get((self.repository, blob.digest), "")
        if left and self._expect(Request.to("GET", left), (204, 404), "how far did it get?").ok:
            return left
        request = Request("POST", f"/v2/{self.repository}/blobs/uploads/")
        return self._expect(request, (202,), f"begin to upload the {role}").header("Location")

    def _sent(self, blob: Descriptor, role: Role, location: str) -> BlobTransfer:
        key = (self.repository, blob.digest)
        start = self._received(location)
        self.memory.unfinished[key] = location
        content = self.blobs[blob.digest]
        location = self.send_chunks(location, content, start, role)
        self._expect(
            Request.to("PUT", location, digest=str(blob.digest)), (201,), f"close the {role}: verify its digest"
        )
        del self.memory.unfinished[key]
        return self._done(blob, role, "sent", moved=len(content) - start)

    def _received(self, location: str) -> int:
        """Read how far an upload had got from the answer that named it, if it was asked."""
        last = self.wire.exchanges[-1]
        if last.request.method != "GET" or last.response is None or last.request.path not in location:
            return 0
        end = last.response.header("Range").partition("-")[2]
        # Subtle: "0-0" is one byte, or none. Taking it for none costs a 416 and one byte at most: upload_session.py.
        return int(end) + 1 if end.isdigit() and int(end) > 0 else 0

    def send_chunks(self, location: str, content: Content, start: int, role: Role) -> str:
        """Send the rest of a blob: in one stream, or in chunks of so many bytes, each with its Content-Range."""
        size = len(content)
        step = self.chunk_bytes or max(1, size - start)
        for here in range(start, size, step) if size > start else [0] if not size else []:
            part = content[here : here + step]
            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(part))}
            if (self.chunk_bytes or start) and len(part):
                headers["Content-Range"] = f"{here}-{here + len(part) - 1}"
            request = Request.to("PATCH", location, headers=headers, body=part)
            response = self._expect(request, (202,), f"send the {role}")
            location = response.header("Location") or location
        return location

    def put_manifest(self) -> BlobTransfer:
        """Tie it all to the tag."""
        headers = {"Content-Type": self.manifest.media_type}
        path = f"/v2/{self.repository}/manifests/{self.tag}"
        self._expect(Request("PUT", path, {}, headers, self.manifest.raw), (201,), "tie the blobs to the tag")
        return BlobTransfer(self.manifest.descriptor, "manifest", "sent", self.manifest.size)

    def _all_there(self) -> tuple[BlobTransfer, ...]:
        found = [self._done(layer, "layer", "already there") for layer in self._distinct_layers()]
        found.append(self._done(self.manifest.config, "config", "already there"))
        return (*found, BlobTransfer(self.manifest.descriptor, "manifest", "already there", 0))

    def _done(self, blob: Descriptor, role: Role, outcome: Outcome, moved: int = 0, source: str = "") -> BlobTransfer:
        self.memory.saw(blob.digest, self.repository)
        return BlobTransfer(blob, role, outcome, moved, source)

    def _expect(self, request: Request, statuses: tuple[int, ...], note: str) -> Response:
        """Send a request and take only the answers that the step knows what to do with."""
        response = self.wire.send(request, note)
        if response.status not in statuses:
            raise refusal(request, response, self.wire)
        return response


def refusal(request: Request, response: Response, wire: Recorder) -> TransferFailed:
    """Make a registry's refusal into an error that carries what it said."""
    said = said_by(response)
    # CNCF distribution, registry/client/errors.go: a 401 for too small a scope is read as "denied".
    if response.status == 401 and "insufficient_scope" in response.header("WWW-Authenticate"):
        said = "denied: requested access to the resource is denied"
    return TransferFailed(f"{request.line}: {response.status} {said}".rstrip(), wire.conversation)


def said_by(response: Response) -> str:
    """Read the specification's error JSON into a line; anything else is quoted as it came, cut short."""
    if isinstance(response.body, Nominal):
        return ""
    try:
        errors = json.loads(bytes_of(response.body))["errors"]
        return "; ".join(f"{e['code'].lower().replace('_', ' ')}: {e['message']}" for e in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return bytes_of(response.body[:200]).decode("utf-8", "replace")
