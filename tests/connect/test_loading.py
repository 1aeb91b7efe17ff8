"""Whatever a layout or an archive holds is in the registry that is loaded from it, or there is a word about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simregistry import Digest, ImageConfig, ImageIndex, ImageManifest, cli
from simregistry.cli.serve_command import load_registry
from simregistry.connect.copy_image import copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.loading import load_images
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import ImageUnknown, ManifestBlobUnknown
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_LAYER

EMPTY = Descriptor.of(b"{}", OCI_EMPTY)
KINDS = ["layout", "archive"]


class Place:
    """A layout or an archive that takes images one by one."""

    def __init__(self, kind: str, path: Path) -> None:
        """Begin it."""
        self.path, self.kind = path, kind
        self.target = OciLayout(path) if kind == "layout" else DockerArchiveWriter(path)

    def add(self, text: str, name: str | None = "") -> ImageManifest:
        """Add an image of one layer, under a name or none."""
        layer = Changeset.of({"what": text}).to_tar()
        config = ImageConfig.of([Digest.of(layer)]).raw
        blobs = Descriptor.of(layer, OCI_LAYER), Descriptor.of(config, OCI_CONFIG)
        for blob, content in zip(blobs, (layer, config), strict=True):
            self.target.put_blob(blob, content)
        manifest = ImageManifest.of(blobs[1], [blobs[0]])
        self.target.put_manifest(manifest, name)
        return manifest

    def sign(self, subject: ImageManifest, note: str = "") -> ImageManifest:
        """Add a signature of an image."""
        self.target.put_blob(EMPTY, b"{}")
        signature = ImageManifest.of(EMPTY, [EMPTY], subject=subject.descriptor, annotations={"note": note})
        self.target.put_manifest(signature, "" if self.kind == "layout" else f"example.com/signed/{note or 'by'}:it")
        return signature

    def open(self) -> OciLayout | DockerArchive:
        """Read it again."""
        if isinstance(self.target, OciLayout):
            return OciLayout(self.path)
        self.target.close()
        return DockerArchive(self.path)

    def serve(self) -> object:
        """Load it as the command line does."""
        self.open()
        return load_registry(f"{'oci' if self.kind == 'layout' else 'docker-archive'}:{self.path}")


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_without_a_name_gets_one_and_it_is_said(tmp_path, capsys, kind):
    """As `skopeo copy … oci:DIR` and `docker save ID` write it: latest, in a repository of the place's name."""
    place = Place(kind, tmp_path / "My Shop.tar")
    manifest = place.add("nameless")
    storage = place.serve()
    assert {name: repository.tags for name, repository in storage.repositories.items()} == {
        "my-shop": {"latest": manifest.digest}
    }
    assert "has no name; it is my-shop:latest here" in capsys.readouterr().err


def test_several_without_a_name_are_told_apart(tmp_path, capsys):
    """And none of them is latest beside an image that has a name: nobody said that it is."""
    place = Place("layout", tmp_path / "shop")
    named, one, other = place.add("named", "v1"), place.add("one"), place.add("other")
    tags = place.serve().repository("shop").tags
    assert tags == {"v1": named.digest} | {f"unnamed-{m.digest.encoded[:12]}": m.digest for m in (one, other)}
    assert capsys.readouterr().err.count("has no name") == 2


def test_what_has_a_name_too_needs_no_other(tmp_path, capsys):
    """An entry without a name for an image that has one elsewhere in the index, or that a named index has."""
    place = Place("layout", tmp_path / "shop")
    named = place.add("named", "v1")
    place.target.put_manifest(named, "")
    child = place.add("child")
    place.target.put_manifest(ImageIndex.of([child.descriptor]), "multi")
    assert sorted(place.serve().repository("shop").tags) == ["multi", "v1"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", KINDS)
def test_referrers_come_along(tmp_path, kind):
    """Signatures, and signatures of these, in the repository of what they sign."""
    place = Place(kind, tmp_path / "shop")
    manifest = place.add("web", "quay.io/team/web:v1")
    signature = place.sign(manifest)
    counter = place.sign(signature, "counter")
    storage = place.serve()
    assert storage.repository("team/web").referrers == {
        manifest.digest: [signature.digest],
        signature.digest: [counter.digest],
    }
    assert list(storage.repository("team/web").tags) == ["v1"]


def test_a_referrer_of_what_is_elsewhere_is_kept_without_a_tag(tmp_path, capsys):
    """The image may be pushed later: it is found by then."""
    place = Place("layout", tmp_path / "shop")
    elsewhere = ImageManifest.of(EMPTY, [EMPTY], annotations={"is": "elsewhere"})
    signature = place.sign(elsewhere)
    repository = place.serve().repository("shop")
    assert (repository.tags, repository.referrers) == ({}, {elsewhere.digest: [signature.digest]})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_sparse_index_what_is_there_is_served(tmp_path, capsys, kind):
    """As Docker saves an image of which it has one platform; afterwards the registry is as strict as any."""
    place = Place(kind, tmp_path / "shop")
    child = place.add("amd64", None)
    absent = Descriptor(child.media_type, Digest.of(b"arm64"), 500, platform=Platform("linux", "arm64"))
    index = ImageIndex.of([Descriptor(child.media_type, child.digest, child.size), absent])
    place.target.put_manifest(index, "example.com/team/shop:v1")
    storage = place.serve()
    assert storage.repository("team/shop").tags == {"v1": index.digest}
    assert set(storage.repository("team/shop").manifests) == {index.digest, child.digest}
    assert f"names {absent.digest}, which is not in the source" in capsys.readouterr().err
    with pytest.raises(ManifestBlobUnknown):
        storage.put_manifest("team/shop", index.digest, index, "v1")


def test_an_entry_without_its_manifest_is_said(tmp_path, capsys):
    """The other images are served."""
    place = Place("layout", tmp_path / "shop")
    place.add("here", "v1")
    gone = place.add("gone")
    (tmp_path / "shop" / "blobs" / "sha256" / gone.digest.encoded).unlink()
    assert list(place.serve().repository("shop").tags) == ["v1"]
    assert f"{gone.digest} is left out" in capsys.readouterr().err


def test_an_image_is_found_by_its_digest_and_one_image_needs_no_name(tmp_path):
    """In a layout as in an archive."""
    place = Place("layout", tmp_path / "shop")
    one = place.add("one", "v1")
    place.target.put_manifest(one, "v2")
    assert OciLayout(tmp_path / "shop").resolve("") == one.digest
    other = place.add("other")
    source = OciLayout(tmp_path / "shop")
    assert source.resolve(other.digest) == other.digest and source.unnamed() == (other.digest,)
    for name in ("", Digest.of(b"another")):
        with pytest.raises(ImageUnknown):
            source.resolve(name)
    assert cli.main(["copy", f"oci:{tmp_path / 'shop'}:{other.digest}", f"oci:{tmp_path / 'out'}:found"]) == 0
    assert OciLayout(tmp_path / "out").resolve("found") == other.digest


def test_a_name_with_a_colon_is_a_reference(tmp_path):
    """Some tools write `app:v1` where others write the bare tag."""
    place = Place("layout", tmp_path / "shop")
    manifest = place.add("one", "app:v1")
    loaded = load_images(place.open(), tmp_path / "shop")
    assert loaded.repository("library/app").tags == {"v1": manifest.digest}


def test_a_new_referrer_is_seen(tmp_path):
    """The layout reads its referrers once, and again when something was written."""
    place = Place("layout", tmp_path / "shop")
    manifest = place.add("web", "v1")
    assert place.target.referrers(manifest.digest) == ()
    signature = place.sign(manifest)
    assert place.target.referrers(manifest.digest) == (signature.digest,)
    copy_image(place.target, "v1", OciLayout(tmp_path / "out"), referrers=True)
    assert OciLayout(tmp_path / "out").referrers(manifest.digest) == (signature.digest,)
