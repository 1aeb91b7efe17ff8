"""Push: ask what is there, send what is missing, and send the manifest last.

1. The manifest goes last, because a registry refuses a manifest whose blobs are missing. So a push that stops half-way
   leaves no half image that somebody could pull.
2. The client asks for each blob before it sends the blob. If a different repository of the same registry has it, the
   client mounts it from there instead.
3. The config is sent as a blob, like a layer.
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
from simregistry.oci.messages import Request, Response, visible


@dataclass(slots=True)
class RegistryMemory:
    """What a client remembers of one registry: which repositories have a blob, and which uploads it did not finish.

    ``unfinished`` maps a repository and a blob to the upload's location.
    """

    seen: dict[Digest, list[str]] = field(default_factory=dict)
    unfinished: dict[tuple[str, Digest], str] = field(default_factory=dict)

    def saw(self, digest: Digest, repository: str) -> None:
        """Remember that a repository has a blob."""
        places = self.seen.setdefault(digest, [])
        if repository not in places:
            places.append(repository)

    def elsewhere(self, digest: Digest, repository: str) -> str:
        """Name a different repository that had the blob when the client last saw it; "" if it knows none."""
        return next((place for place in self.seen.get(digest, ()) if place != repository), "")


@dataclass(slots=True)
class Push:
    """One push: the image, where it goes, and the habits of the client; ``wire`` records the conversation.

    With ``chunk_bytes`` 0 a blob is sent in one request, else in chunks of that many bytes.
    """

    wire: Recorder
    repository: str
    tag: str
    manifest: ImageManifest
    blobs: dict[Digest, Content]
    memory: RegistryMemory
    dialect: Dialect
    chunk_bytes: int = 0

    def run(self, reference: str) -> PushReport:
        """Go through the steps; raise TransferFailed, with the conversation so far, if one of them fails."""
        try:
            transfers = self._steps()
        except ConnectionError as error:
            message = f"push of {reference} stopped: {error}; push again to go on"
            raise TransferFailed(message, self.wire.conversation) from error
        return PushReport(reference, self.manifest.digest, transfers, self.wire.conversation)

    def _steps(self) -> tuple[BlobTransfer, ...]:
        """Take all steps of the push, in order; return what happened to each blob and to the manifest."""
        self._expect(Request("GET", "/v2/"), (200,), "is this a registry?")
        # A registry that has the manifest has all of its blobs too: it would not have taken it without them.
        if self.dialect.asks_for_manifest and self.manifest_exists():
            return self._all_there()
        # The order of the blobs does not matter to the registry, as long as the manifest comes after all of them.
        transfers = [self.send_blob(layer, "layer") for layer in self._distinct_layers()]
        transfers.append(self.send_blob(self.manifest.config, "config"))
        transfers.append(self.put_manifest())
        return tuple(transfers)

    def _distinct_layers(self) -> tuple[Descriptor, ...]:
        """List the layers, each once: an image may have the same layer twice, and it is sent once."""
        return tuple({layer.digest: layer for layer in self.manifest.layers}.values())

    def manifest_exists(self) -> bool:
        """Ask whether the tag already points at this manifest."""
        request = Request("HEAD", f"/v2/{self.repository}/manifests/{self.tag}", headers={"Accept": ACCEPT})
        response = self._expect(request, (200, 404), "does the tag have this manifest?")
        return response.ok and response.header("Docker-Content-Digest") == self.manifest.digest

    def send_blob(self, blob: Descriptor, role: Role) -> BlobTransfer:
        """Get one blob into the repository in the cheapest way that works: leave it, mount it, or upload it."""
        # 1. Is it there? A question without a body, instead of megabytes.
        if self.blob_exists(self.repository, blob, f"is the {role} there?"):
            return self._done(blob, role, "already there")
        # 2. Does a different repository have it? Then one request links it, and no byte of it is sent.
        mountable = role == "layer" or self.dialect.mounts_config
        source = self.memory.elsewhere(blob.digest, self.repository) if mountable else ""
        if source and self._source_confirmed(source, blob):
            query = {"mount": str(blob.digest), "from": source}
            request = Request("POST", f"/v2/{self.repository}/blobs/uploads/", query)
            response = self._expect(request, (201, 202), f"mount the {role} from {source}")
            if response.status == 201:
                return self._done(blob, role, "mounted", source=source)
            # Subtle: a registry that can't mount the blob answers 202, and has begun an upload instead. Use that one.
            return self._upload(blob, role, response.header("Location"))
        # 3. Upload it. Some clients ask once more, since somebody else may have pushed the same layer meanwhile.
        if (
            role == "layer"
            and self.dialect.asks_again
            and self.blob_exists(self.repository, blob, "is it there by now?")
        ):
            return self._done(blob, role, "already there")
        return self._upload(blob, role, self.begin_upload(blob, role))

    def blob_exists(self, repository: str, blob: Descriptor, note: str) -> bool:
        """Ask whether a repository has a blob: HEAD sends the headers of the blob without the blob."""
        return self._expect(Request("HEAD", f"/v2/{repository}/blobs/{blob.digest}"), (200, 404), note).ok

    def _source_confirmed(self, source: str, blob: Descriptor) -> bool:
        """Ask whether the source still has the blob, if this client has the habit of asking that."""
        return not self.dialect.confirms_mount_source or self.blob_exists(source, blob, f"does {source} have it still?")

    def begin_upload(self, blob: Descriptor, role: Role) -> str:
        """Begin an upload, or find the one that an interrupted push left behind; return its location."""
        unfinished = self.memory.unfinished.get((self.repository, blob.digest), "")
        # The registry may have thrown the upload away by now. Then it answers 404, and we begin a new one.
        if unfinished and self._expect(Request.to("GET", unfinished), (204, 404), "how far did it get?").ok:
            return unfinished
        request = Request("POST", f"/v2/{self.repository}/blobs/uploads/")
        return self._expect(request, (202,), f"begin to upload the {role}").header("Location")

    def _upload(self, blob: Descriptor, role: Role, location: str) -> BlobTransfer:
        """Send the bytes of a blob that the upload lacks, then close the upload with the blob's digest."""
        key = (self.repository, blob.digest)
        start = self._received(location)
        # Note the upload before the first byte is sent: if the connection breaks, the next push continues it.
        self.memory.unfinished[key] = location
        content = self.blobs[blob.digest]
        location = self.send_chunks(location, content, start, role)
        # Only now does the registry learn which digest the bytes should have. It hashes them, and refuses other bytes.
        self._expect(
            Request.to("PUT", location, digest=str(blob.digest)), (201,), f"close the {role}: verify its digest"
        )
        del self.memory.unfinished[key]
        return self._done(blob, role, "sent", moved=len(content) - start)

    def _received(self, location: str) -> int:
        """Return how many bytes the upload has already, if the last request asked that, else 0."""
        last = self.wire.exchanges[-1]
        if last.request.method != "GET" or last.response is None or last.request.path not in location:
            return 0
        # "0-4095" means that 4,096 bytes are there: the range ends with the last byte, not behind it.
        end = last.response.header("Range").partition("-")[2]
        # Subtle: "0-0" is one byte, or none. Taking it for none costs a 416 and one byte at most: upload_session.py.
        return int(end) + 1 if end.isdigit() and int(end) > 0 else 0

    def send_chunks(self, location: str, content: Content, start: int, role: Role) -> str:
        """Send a blob from byte ``start`` on, in one request or in chunks; return the location for the next request."""
        size = len(content)
        step = self.chunk_bytes or max(1, size - start)
        # An empty blob has no byte to send, but is sent with one empty chunk. A complete upload needs nothing more.
        for offset in range(start, size, step) if size > start else [0] if not size else []:
            chunk = content[offset : offset + step]
            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(chunk))}
            # A chunk says where it belongs. A blob in one piece needs no range (distribution-spec, Pushing a Blob in
            # Chunks).
            if (self.chunk_bytes or start) and len(chunk):
                headers["Content-Range"] = f"{offset}-{offset + len(chunk) - 1}"
            request = Request.to("PATCH", location, headers=headers, body=chunk)
            response = self._expect(request, (202,), f"send the {role}")
            # Subtle: each answer may name a new location, and the old one may be dead. Always follow the last one.
            location = response.header("Location") or location
        return location

    def put_manifest(self) -> BlobTransfer:
        """Send the manifest, and let the tag point at it."""
        headers = {"Content-Type": self.manifest.media_type}
        path = f"/v2/{self.repository}/manifests/{self.tag}"
        self._expect(Request("PUT", path, {}, headers, self.manifest.raw), (201,), "tie the blobs to the tag")
        return BlobTransfer(self.manifest.descriptor, "manifest", "sent", self.manifest.size)

    def _all_there(self) -> tuple[BlobTransfer, ...]:
        """Report that the registry has everything."""
        transfers = [self._done(layer, "layer", "already there") for layer in self._distinct_layers()]
        transfers.append(self._done(self.manifest.config, "config", "already there"))
        return (*transfers, BlobTransfer(self.manifest.descriptor, "manifest", "already there", 0))

    def _done(self, blob: Descriptor, role: Role, outcome: Outcome, moved: int = 0, source: str = "") -> BlobTransfer:
        """Report what happened to a blob, and remember that the repository has it now."""
        self.memory.saw(blob.digest, self.repository)
        return BlobTransfer(blob, role, outcome, moved, source)

    def _expect(self, request: Request, statuses: tuple[int, ...], note: str) -> Response:
        """Send a request; raise TransferFailed for an answer with a status that this step does not expect."""
        response = self.wire.send(request, note)
        if response.status not in statuses:
            raise transfer_refused(request, response, self.wire)
        return response


def transfer_refused(request: Request, response: Response, wire: Recorder) -> TransferFailed:
    """Turn a registry's refusal into an error with the registry's own message and the conversation so far."""
    message = error_text(response)
    # CNCF distribution, registry/client/errors.go: a 401 for too small a scope is read as "denied".
    if response.status == 401 and "insufficient_scope" in response.header("WWW-Authenticate"):
        message = "denied: requested access to the resource is denied"
    return TransferFailed(f"{request.line}: {response.status} {message}".rstrip(), wire.conversation)


def error_text(response: Response) -> str:
    """Read the errors of an answer into one line; quote anything but the specification's error JSON, cut short."""
    if isinstance(response.body, Nominal):
        return ""
    # A proxy in between answers with HTML, and some registries with plain text.
    try:
        errors = json.loads(bytes_of(response.body))["errors"]
        text = "; ".join(f"{e['code'].lower().replace('_', ' ')}: {e['message']}" for e in errors)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        text = bytes_of(response.body[:200]).decode("utf-8", "replace")
    # It may be shown in a terminal, which would act on control characters.
    return visible(text)
