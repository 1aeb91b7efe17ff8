"""Pull: the manifest first, then the blobs that are missing here, each verified before it is believed.

1. The registry sends the manifest. The client works out which blobs it lacks.
2. The client keeps nothing before it has verified the digest, and lists no image before all of it is here.
3. Layers may arrive in any order. They are stacked in the manifest's order.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.client.image_store import ImageStore
from simregistry.client.push import RegistryMemory, transfer_refused
from simregistry.client.transfer_report import BlobTransfer, PullReport, Role
from simregistry.client.transport import Recorder
from simregistry.errors import DigestMismatch, InvalidValue, TransferFailed
from simregistry.oci.config import ImageConfig
from simregistry.oci.content import Content, Nominal, bytes_of, digest_of
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.limits import DEEPEST_PULL
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest, parse_manifest
from simregistry.oci.media_types import ACCEPT, OCI_EMPTY
from simregistry.oci.messages import Request, Response
from simregistry.oci.platform_choice import choose_entry
from simregistry.oci.tarball import uncompressed


@dataclass(slots=True)
class Pull:
    """One pull on its way."""

    wire: Recorder
    repository: str
    store: ImageStore
    memory: RegistryMemory
    platform: Platform

    def run(self, reference: str, tag_or_digest: str) -> PullReport:
        """Go through the steps; raise TransferFailed, with the conversation so far, if one of them fails."""
        try:
            self._get(Request("GET", "/v2/"), "is this a registry?")
            manifest = self.resolve(tag_or_digest)
            # What arrives is kept apart from the store until all of it is here and has been verified.
            fetched: dict[Digest, Content] = {}
            transfers = tuple(self._bring(blob, role, fetched) for blob, role in _needed(manifest))
            self.check_stack(manifest, fetched)
        except (ConnectionError, DigestMismatch, InvalidValue) as error:
            raise TransferFailed(f"pull of {reference} stopped: {error}", self.wire.conversation) from error
        # Blobs first, then the name: an image that the store lists is complete.
        changed = self.store.images.get(reference) != manifest.digest
        self.store.blobs.update(fetched)
        self.store.put_image(reference, manifest)
        moved = BlobTransfer(manifest.descriptor, "manifest", "fetched", manifest.size)
        return PullReport(reference, manifest.digest, (*transfers, moved), self.wire.conversation, changed)

    def resolve(self, tag_or_digest: str) -> ImageManifest:
        """Get the manifest. If it is an index, choose this platform's entry and get that."""
        manifest = self.get_manifest(tag_or_digest)
        # Subtle: an index may name an index, and a hostile registry could send one after the other without end.
        for _ in range(DEEPEST_PULL):
            if isinstance(manifest, ImageManifest):
                return manifest
            manifest = self.get_manifest(self.choose(manifest).digest)
        raise TransferFailed(f"{tag_or_digest} is an index nested deeper than {DEEPEST_PULL}", self.wire.conversation)

    def get_manifest(self, tag_or_digest: str) -> Manifest:
        """Get one manifest, and verify it: by the digest that was asked for, or by the one that the registry names."""
        path = f"/v2/{self.repository}/manifests/{tag_or_digest}"
        response = self._get(Request("GET", path, headers={"Accept": ACCEPT}), "get the manifest")
        raw = bytes_of(response.body)
        # A digest in the request needs no trust: the bytes must have it. For a tag there is only the registry's word,
        # and the check finds bytes that were damaged on the way.
        claimed = tag_or_digest if ":" in tag_or_digest else response.header("Docker-Content-Digest")
        if claimed:
            Digest(claimed).verify(raw)
        return parse_manifest(raw, response.header("Content-Type") or None)

    def choose(self, index: ImageIndex) -> Descriptor:
        """Choose the entry for this platform."""
        chosen = choose_entry(index.manifests, self.platform)
        if chosen is not None:
            return chosen
        have = ", ".join(str(child.platform) for child in index.manifests)
        raise TransferFailed(f"no image for {self.platform} in the index; it has {have}", self.wire.conversation)

    def _bring(self, blob: Descriptor, role: Role, fetched: dict[Digest, Content]) -> BlobTransfer:
        """Fetch one blob unless it is here already."""
        # The repository has this blob. A later push to a different repository can mount it from here.
        self.memory.saw(blob.digest, self.repository)
        # Already here: from another image, or twice in this one.
        if blob.digest in self.store.blobs or blob.digest in fetched:
            return BlobTransfer(blob, role, "already here", 0)
        content = self.get_blob(blob, role)
        fetched[blob.digest] = content
        return BlobTransfer(blob, role, "fetched", len(content))

    def get_blob(self, blob: Descriptor, role: Role) -> Content:
        """Get one blob, and verify its digest and its size."""
        request = Request("GET", f"/v2/{self.repository}/blobs/{blob.digest}", largest=blob.size)
        content = self._get(request, f"get the {role}").body
        # The bytes decide, not the headers: hash what arrived, by the algorithm of the digest that was asked for.
        actual = digest_of(content, blob.digest.algorithm)
        if actual != blob.digest or len(content) != blob.size:
            raise DigestMismatch(blob.digest, f"{actual} of {len(content):,} bytes")
        return content

    def check_stack(self, manifest: ImageManifest, fetched: dict[Digest, Content]) -> None:
        """Compare each unpacked layer with the config's diff IDs, so that what is stacked is what was built.

        image-spec config.md, "Layer DiffID": it is "the digest over the layer's uncompressed tar archive".
        """
        contents = {**self.store.blobs, **fetched}
        raw = contents[manifest.config.digest]
        # No config to compare with: an artifact that is no image, or a catalogue image whose bytes are not here.
        if manifest.config.media_type == OCI_EMPTY or isinstance(raw, Nominal):
            return
        diff_ids = ImageConfig.parse(bytes_of(raw)).diff_ids
        if len(diff_ids) != len(manifest.layers):
            rule = f"names {len(diff_ids)} layers, the manifest {len(manifest.layers)}"
            raise InvalidValue("image config", manifest.config.digest, rule)
        for layer, diff_id in zip(manifest.layers, diff_ids, strict=True):
            content = contents[layer.digest]
            # Layers from before were compared when they came. Only the new ones are unpacked and hashed.
            if layer.digest in fetched and not isinstance(content, Nominal):
                actual = Digest.of(uncompressed(bytes_of(content)), diff_id.algorithm)
                if actual != diff_id:
                    raise DigestMismatch(diff_id, actual)

    def _get(self, request: Request, note: str) -> Response:
        """Send a request, and raise what the registry says unless it says 200."""
        response = self.wire.send(request, note)
        if response.status != 200:
            raise transfer_refused(request, response, self.wire)
        return response


def _needed(manifest: ImageManifest) -> list[tuple[Descriptor, Role]]:
    """List the blobs of an image: its layers from the base up, then its config."""
    layers: list[tuple[Descriptor, Role]] = [(layer, "layer") for layer in manifest.layers]
    return [*layers, (manifest.config, "config")]
