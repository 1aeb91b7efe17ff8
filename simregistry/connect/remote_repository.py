"""One repository of a registry that is reached by messages, as a place to copy images from and to.

Any transport will do: to a registry in this process, to one over HTTP, or one that signs in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from simregistry.client.transport import Transport
from simregistry.connect.copy_image import Source, only_name
from simregistry.connect.link_header import next_link
from simregistry.errors import ImageUnknown, InvalidValue, TransferFailed
from simregistry.oci.content import Content, bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.json_document import read_document
from simregistry.oci.limits import LARGEST_DOCUMENT, LARGEST_LIST, MOST_PAGES
from simregistry.oci.manifest import ImageIndex, Manifest, parse_manifest
from simregistry.oci.media_types import ACCEPT, OCI_INDEX
from simregistry.oci.messages import Request, Response, visible
from simregistry.oci.reference import TAG

# How registries say that they list no referrers: "not found" by the specification, and as others do with an address
# that they don't know (go-containerregistry takes the same for it).
NO_REFERRERS = (400, 404, 405, 406)


@dataclass(slots=True)
class RemoteRepository(Source):
    """Read and write one repository of a registry by messages, as a source and a target of copies."""

    remote: Transport
    repository: str

    def names(self) -> tuple[str, ...]:
        """List its tags, page by page."""
        tags: list[str] = []
        first = self._asked(Request("GET", f"/v2/{self.repository}/tags/list"), (200,))
        for page in self._pages(first, f"/v2/{self.repository}/tags/list"):
            tags += _tags_in(page, f"the list of tags of {self.repository}")
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
        """Get a blob, and no byte more than its descriptor says."""
        request = Request("GET", f"/v2/{self.repository}/blobs/{blob.digest}", largest=blob.size)
        return self._asked(request, (200,)).body

    def has(self, digest: Digest) -> bool:
        """Ask whether the repository has a blob."""
        return self._asked(Request("HEAD", f"/v2/{self.repository}/blobs/{digest}"), (200, 404)).ok

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Upload a blob: a POST opens the upload, and a PUT sends all of it."""
        opened = self._asked(Request("POST", f"/v2/{self.repository}/blobs/uploads/"), (202,))
        if not opened.header("Location"):
            raise TransferFailed(f"{self.repository}: the registry began an upload and didn't say where (no Location)")
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
        path = f"/v2/{self.repository}/referrers/{digest}"
        response = self._asked(Request("GET", path), (200, *NO_REFERRERS))
        if response.ok:
            indexes = [parse_manifest(_bounded(page), OCI_INDEX) for page in self._pages(response, path)]
        else:
            indexes = [self._tagged_list(digest)]
        entries = [entry.digest for index in indexes if isinstance(index, ImageIndex) for entry in index.manifests]
        return tuple(dict.fromkeys(entries))

    def _pages(self, page: Response, path: str) -> Iterator[Response]:
        """Go on from the first page of a list; raise TransferFailed for pages in a circle, or without end."""
        seen, size = {path}, 0
        for _ in range(MOST_PAGES):
            size += len(page.body)
            if size > LARGEST_LIST:
                raise TransferFailed(f"{path}: its pages have more than {LARGEST_LIST:,} bytes, and so many are read")
            yield page
            link = next_link(page.header("Link"))
            if not link:
                return
            # The next page is asked of this registry, whatever host the link names: real clients do the same.
            try:
                request = Request.to("GET", urljoin(path, link))
            except ValueError:
                raise TransferFailed(f"{path}: the link to its next page, {link[:100]!r}, isn't an address") from None
            path = request.line.partition(" ")[2]
            if path in seen:
                raise TransferFailed(f"{visible(path)}: its pages lead back to this one; ask whoever runs the registry")
            seen.add(path)
            page = self._asked(request, (200,))
        raise TransferFailed(f"{visible(path)}: this is page {MOST_PAGES + 1:,}, and so many are read at most")

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
        # RFC 9110, section 8.3: a media type may have parameters behind it.
        media_type = response.header("Content-Type").partition(";")[0].strip()
        return parse_manifest(_bounded(response), media_type or None)

    def _asked(self, request: Request, statuses: tuple[int, ...]) -> Response:
        response = self.remote.send(request)
        if response.status not in statuses:
            reason = bytes_of(response.body[:300]).decode("utf-8", "replace")
            raise TransferFailed(f"{request.line}: {response.status} {visible(reason)}".rstrip())
        return response


def referrers_tag(subject: Digest) -> str:
    """Name the tag that lists what refers to a manifest (distribution-spec, "Referrers Tag Schema").

    >>> referrers_tag(Digest("sha256:" + "a" * 64))[:12]
    'sha256-aaaaa'
    """
    return f"{subject.algorithm}-{subject.encoded[:64]}"


def _tags_in(page: Response, what: str) -> list[str]:
    """Read a page of tags; raise InvalidValue for anything else."""
    try:
        tags = read_document(_bounded(page), what).get("tags") or []
    except InvalidValue as error:
        raise InvalidValue(what, error.value, f"{error.rule}; check that a registry answers at this address") from None
    if not isinstance(tags, list):
        raise InvalidValue(what, tags, "must have its tags in a list")
    for tag in tags:
        if not isinstance(tag, str) or not TAG.fullmatch(tag):
            raise InvalidValue(what, tag, "has a tag that isn't one: letters, digits, _ . - and at most 128 of them")
    return tags


def _bounded(response: Response) -> bytes:
    if len(response.body) > LARGEST_DOCUMENT:
        raise InvalidValue("document", f"{len(response.body):,} bytes", f"at most {LARGEST_DOCUMENT:,} are read")
    return bytes_of(response.body)
