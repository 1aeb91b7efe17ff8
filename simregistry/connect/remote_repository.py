"""One repository of a registry that is reached by messages, as a place to copy images from and to.

Any transport will do: to a registry in this process, to one over HTTP, or one that signs in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from simregistry.client.transport import Transport
from simregistry.connect.copy_image import Source, only_name
from simregistry.errors import ImageUnknown, InvalidValue, TransferFailed
from simregistry.oci.content import Content, bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import ImageIndex, Manifest, parse_manifest
from simregistry.oci.media_types import ACCEPT, OCI_INDEX
from simregistry.oci.messages import Request, Response


@dataclass(slots=True)
class RemoteRepository(Source):
    """Read and write one repository of a registry by messages, as a source and a target of copies."""

    remote: Transport
    repository: str

    def names(self) -> tuple[str, ...]:
        """List its tags, page by page."""
        tags: list[str] = []
        path: str = f"/v2/{self.repository}/tags/list"
        while path:
            response = self._asked(Request.to("GET", path), (200,))
            tags += json.loads(bytes_of(response.body)).get("tags") or []
            link = re.match(r"<([^>]+)>", response.header("Link"))
            path = link[1] if link else ""
        return tuple(tags)

    def resolve(self, name: str) -> Digest:
        """Ask which manifest a tag points at; a digest needs no asking."""
        if ":" in name:
            return Digest(name)
        tag = name or only_name(self.names(), "", self.repository)
        return self._get_manifest(tag).digest

    def manifest(self, digest: Digest) -> Manifest:
        """Get a manifest, and check that its bytes have the digest that was asked for."""
        manifest = self._get_manifest(digest)
        digest.verify(manifest.raw)
        return manifest

    def blob(self, blob: Descriptor) -> Content:
        """Get a blob."""
        return self._asked(Request("GET", f"/v2/{self.repository}/blobs/{blob.digest}"), (200,)).body

    def has(self, digest: Digest) -> bool:
        """Ask whether the repository has a blob."""
        return self._asked(Request("HEAD", f"/v2/{self.repository}/blobs/{digest}"), (200, 404)).ok

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Upload a blob: a POST opens the upload, and a PUT sends all of it."""
        opened = self._asked(Request("POST", f"/v2/{self.repository}/blobs/uploads/"), (202,))
        upload = Request.to("PUT", opened.header("Location"), digest=blob.digest)
        headers = {"Content-Type": "application/octet-stream"}
        self._asked(replace(upload, headers=headers, body=content), (201,))

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Put a manifest under a tag or its digest; where the registry lists no referrers, keep a tag that does."""
        path = f"/v2/{self.repository}/manifests/{name or manifest.digest}"
        response = self._asked(Request("PUT", path, {}, {"Content-Type": manifest.media_type}, manifest.raw), (201,))
        if manifest.subject is not None and not response.header("OCI-Subject"):
            self._list_by_tag(manifest, manifest.subject.digest)

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Ask what refers to a manifest; if the registry doesn't say, read the tag of the "Referrers Tag Schema"."""
        response = self.remote.send(Request("GET", f"/v2/{self.repository}/referrers/{digest}"))
        index = parse_manifest(_bounded(response), OCI_INDEX) if response.ok else self._tagged_list(digest)
        return tuple(entry.digest for entry in index.manifests) if isinstance(index, ImageIndex) else ()

    def _tagged_list(self, subject: Digest) -> Manifest:
        try:
            return self._get_manifest(referrers_tag(subject))
        except ImageUnknown:
            return ImageIndex.of([])

    def _list_by_tag(self, manifest: Manifest, subject: Digest) -> None:
        """Add a referrer to the tag's index. Two clients at once may lose one, as the specification itself says."""
        index = self._tagged_list(subject)
        if not isinstance(index, ImageIndex):
            raise TransferFailed(f"{referrers_tag(subject)} of {self.repository} isn't a list of referrers")
        if manifest.digest in {entry.digest for entry in index.manifests}:
            return
        own, kind = manifest.descriptor, manifest.kind
        entry = replace(own, artifact_type=kind, annotations=manifest.annotations)
        self.put_manifest(ImageIndex.of([*index.manifests, entry]), referrers_tag(subject))

    def _get_manifest(self, reference: str) -> Manifest:
        headers = {"Accept": ACCEPT}
        request = Request("GET", f"/v2/{self.repository}/manifests/{reference}", {}, headers)
        response = self._asked(request, (200, 404))
        if response.status == 404:
            raise ImageUnknown(f"{reference} in {self.repository}", ())
        return parse_manifest(_bounded(response), response.header("Content-Type") or None)

    def _asked(self, request: Request, statuses: tuple[int, ...]) -> Response:
        response = self.remote.send(request)
        if response.status not in statuses:
            reason = bytes_of(response.body[:300]).decode("utf-8", "replace")
            raise TransferFailed(f"{request.line}: {response.status} {reason}".rstrip())
        return response


def referrers_tag(subject: Digest) -> str:
    """Name the tag that lists what refers to a manifest (distribution-spec, "Referrers Tag Schema").

    >>> referrers_tag(Digest("sha256:" + "a" * 64))[:12]
    'sha256-aaaaa'
    """
    return f"{subject.algorithm}-{subject.encoded[:64]}"


def _bounded(response: Response) -> bytes:
    if len(response.body) > LARGEST_DOCUMENT:
        raise InvalidValue("manifest", f"{len(response.body):,} bytes", f"at most {LARGEST_DOCUMENT:,} are read")
    return bytes_of(response.body)
