"""Archives as real tools write them, the odd ones too, and archives that lie: read as skopeo does, or refused as it does."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from peers import program

from simregistry import Digest, ImageConfig, ImageIndex, ImageManifest
from simregistry.connect import docker_archive
from simregistry.connect.copy_image import copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.oci_layout import REF_NAME, OciLayout
from simregistry.errors import DigestMismatch, ImageUnknown, InvalidValue
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD

BASE, TOP = Changeset.of({"bin/sh": "#!"}).to_tar(), Changeset.of({"srv/app": "run"}).to_tar()
CONFIG = ImageConfig.of([Digest.of(BASE), Digest.of(TOP)]).raw
MARKER = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}


def place(blob: bytes) -> str:
    """Where a layout has a blob."""
    return f"blobs/sha256/{Digest.of(blob).encoded}"


def image(config: bytes = CONFIG, *layers: bytes, media_type: str = OCI_LAYER) -> ImageManifest:
    """A manifest."""
    return ImageManifest.of(Descriptor.of(config, OCI_CONFIG), [Descriptor.of(layer, media_type) for layer in layers])


def listed(*tags: str, config: bytes = CONFIG, layers: tuple[bytes, ...] = (BASE, TOP)) -> dict[str, object]:
    """An entry of manifest.json."""
    return {"Config": place(config), "RepoTags": list(tags) or None, "Layers": [place(layer) for layer in layers]}


def archive(path: Path, blobs: list[bytes], index: object = None, old: object = None) -> DockerArchive:
    """Write an archive of blobs, an index and a manifest.json, and open it."""
    members = {place(blob): blob for blob in blobs}
    if index is not None:
        members |= MARKER | {"index.json": json.dumps(index).encode() if isinstance(index, dict) else index}
    if old is not None:
        members["manifest.json"] = json.dumps(old).encode()
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return DockerArchive(path)


def index_of(*manifests: ImageManifest | ImageIndex, **annotations: str) -> bytes:
    """An index.json that names manifests, each with the same annotations."""
    entries = [Descriptor(m.media_type, m.digest, m.size, annotations) for m in manifests]
    return ImageIndex.of(entries).raw


def skopeo_reads(path: Path) -> bool:
    """Whether skopeo copies the archive's only image."""
    command = [program("skopeo"), "copy", f"docker-archive:{path}", f"oci:{path}.skopeo:x"]
    return subprocess.run(command, capture_output=True, timeout=120).returncode == 0


@pytest.mark.parametrize("manifests", [{"manifests": None}, {}], ids=["null", "none"])
def test_an_index_without_a_list_leaves_it_to_manifest_json(tmp_path, manifests):
    """Docker 25.0 writes so for an image saved by its digest; skopeo asks manifest.json alone."""
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, **manifests}
    saved = archive(tmp_path / "saved.tar", [BASE, TOP, CONFIG], index, [listed()])
    done = copy_image(saved, "", OciLayout(tmp_path / "out"))
    assert [layer.digest for layer in saved.manifest(done.digest).layers] == [Digest.of(BASE), Digest.of(TOP)]
    assert skopeo_reads(tmp_path / "saved.tar")
    # Without manifest.json there is nothing that says what the images are.
    with pytest.raises(InvalidValue, match="must be a list"):
        archive(
            tmp_path / "alone.tar", [BASE, TOP, CONFIG], {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": None}
        )


def test_a_manifest_without_its_layers_leaves_it_to_manifest_json(tmp_path):
    """Docker's release candidates of version 25 wrote such; an image that has no layers at all stays as it is."""
    empty = image(CONFIG)
    index = index_of(empty, **{"io.containerd.image.name": "docker.io/library/app:v2"})
    saved = archive(tmp_path / "saved.tar", [BASE, TOP, CONFIG, empty.raw], index, [listed("app:v2")])
    assert len(saved.manifest(saved.resolve("app:v2")).layers) == 2
    scratch = ImageConfig.of([]).raw
    whole = image(scratch)
    old = [listed("app:v3", config=scratch, layers=())]
    kept = archive(tmp_path / "kept.tar", [scratch, whole.raw], index_of(whole, **{REF_NAME: "v3"}), old)
    assert kept.resolve("") == whole.digest


def test_one_image_under_several_tags_is_the_only_image(tmp_path):
    """As `docker save app:v1 app:v2` writes it, in either form; two images still want a name."""
    saved = archive(tmp_path / "old.tar", [BASE, TOP, CONFIG], old=[listed("app:v1", "app:v2", "other/app:v1")])
    assert saved.resolve("") == saved.resolve("app:v2") and len(saved.names()) == 3
    manifest = image(CONFIG, BASE, TOP)
    names = [{"io.containerd.image.name": f"docker.io/library/app:{tag}"} for tag in ("v1", "v2")]
    entries = [Descriptor(manifest.media_type, manifest.digest, manifest.size, name) for name in names]
    new = archive(tmp_path / "new.tar", [BASE, TOP, CONFIG, manifest.raw], ImageIndex.of(entries).raw)
    assert new.resolve("") == manifest.digest
    single = ImageConfig.of([Digest.of(BASE)]).raw
    both = [listed("app:v1"), listed("app:v2", config=single, layers=(BASE,))]
    two = archive(tmp_path / "two.tar", [BASE, TOP, CONFIG, single], old=both)
    with pytest.raises(ImageUnknown, match="app:v1"):
        two.resolve("")


LIES = {
    "diff IDs in the wrong order": (ImageConfig.of([Digest.of(TOP), Digest.of(BASE)]).raw, DigestMismatch),
    "a layer too few": (ImageConfig.of([Digest.of(BASE)]).raw, InvalidValue),
    "a layer too many": (ImageConfig.of([Digest.of(BASE), Digest.of(TOP), Digest.of(TOP)]).raw, InvalidValue),
    "no rootfs": (b'{"architecture":"amd64","os":"linux"}', InvalidValue),
    "not JSON": (b"architecture: amd64", InvalidValue),
    "not text": (bytes(range(128, 256)), InvalidValue),
    "a list": (b"[]", InvalidValue),
    "empty": (b"", InvalidValue),
}


@pytest.mark.parametrize(("config", "error"), LIES.values(), ids=LIES)
@pytest.mark.parametrize("form", ["old", "layout"])
def test_a_config_that_lies_is_refused(tmp_path, config, error, form):
    """In both forms, as skopeo refuses it, and nothing is written."""
    manifest = image(config, BASE, TOP)
    index = index_of(manifest, **{REF_NAME: "v1"}) if form == "layout" else None
    old = [listed("app:v1", config=config)]
    with pytest.raises(error):
        copy_image(
            archive(tmp_path / "lie.tar", [BASE, TOP, config, manifest.raw], index, old),
            "",
            OciLayout(tmp_path / "out"),
        )
    assert not (tmp_path / "out" / "index.json").exists()
    assert not skopeo_reads(tmp_path / "lie.tar")


def test_a_packed_layer_is_compared_unpacked(tmp_path):
    """Of several gzip streams too; broken gzip is a sentence."""
    packed = gzip.compress(TOP[:700], mtime=0) + gzip.compress(TOP[700:], mtime=0)
    saved = archive(tmp_path / "ok.tar", [BASE, packed, CONFIG], old=[listed("app:v1", layers=(BASE, packed))])
    assert [layer.media_type for layer in saved.manifest(saved.resolve("")).layers] == [OCI_LAYER, OCI_LAYER_GZIP]
    assert skopeo_reads(tmp_path / "ok.tar")
    for broken in (packed[:-9], packed[:40], packed[:20] + b"\xff" * 40):
        with pytest.raises(InvalidValue, match="gzip"):
            archive(tmp_path / "broken.tar", [BASE, broken, CONFIG], old=[listed("app:v1", layers=(BASE, broken))])


def test_an_artifact_has_no_diff_ids_to_compare(tmp_path):
    """A chart or a bill of materials has a config of its own kind."""
    config, content = b'{"name":"chart"}', b"no archive"
    chart = ImageManifest.of(Descriptor.of(config, "application/vnd.example"), [Descriptor.of(content, "text/plain")])
    saved = archive(tmp_path / "chart.tar", [config, content, chart.raw], index_of(chart, **{REF_NAME: "v1"}))
    assert copy_image(saved, "", OciLayout(tmp_path / "out")).digest == chart.digest


def test_a_member_is_hashed_once_however_often_it_is_named(tmp_path, monkeypatch):
    """Otherwise an archive of some kilobytes has a reader hash terabytes."""
    reads: list[int] = []
    real = docker_archive.pieces_from
    monkeypatch.setattr(docker_archive, "pieces_from", lambda stream: (reads.append(1), real(stream))[1])
    config = ImageConfig.of([Digest.of(BASE)] * 300).raw
    archive(tmp_path / "many.tar", [BASE, config], old=[listed("app:v1", config=config, layers=(BASE,) * 300)] * 50)
    # manifest.json; the config, hashed and then read for each mention; the layer, hashed as it is and unpacked.
    assert len(reads) <= 1 + 1 + 50 + 2


def test_links_to_a_member_are_that_member(tmp_path, monkeypatch):
    """However a place is spelled: the layer is hashed once, and a config that lies about it is found out."""
    reads: list[int] = []
    real = docker_archive.pieces_from
    monkeypatch.setattr(docker_archive, "pieces_from", lambda stream: (reads.append(1), real(stream))[1])

    def linked(diff_id: Digest) -> DockerArchive:
        config = ImageConfig.of([diff_id] * 60).raw
        names = [*(f"l{n}/../links/./{n}.tar" for n in range(59)), "./real.tar"]
        old = json.dumps([{"Config": "./c.json", "RepoTags": ["app:v1"], "Layers": names}]).encode()
        with tarfile.open(tmp_path / "linked.tar", "w") as tar:
            for name, content in {"real.tar": BASE, "c.json": config, "manifest.json": old}.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            for n in range(59):
                member = tarfile.TarInfo(f"links/{n}.tar")
                member.type, member.linkname = tarfile.SYMTYPE, "../real.tar"
                tar.addfile(member)
        return DockerArchive(tmp_path / "linked.tar")

    saved = linked(Digest.of(BASE))
    assert len(saved.manifest(saved.resolve("")).layers) == 60 and len(reads) <= 5
    with pytest.raises(DigestMismatch):
        linked(Digest.of(TOP))


def test_an_archive_of_too_many_members_is_refused(tmp_path, monkeypatch):
    """A megabyte of gzip can be a million empty members, and each is remembered."""
    monkeypatch.setattr("simregistry.connect.tar_members.MOST_MEMBERS", 3)
    assert archive(tmp_path / "few.tar", [BASE, CONFIG], old=[]).names() == ()
    with pytest.raises(InvalidValue, match="more than 3 members"):
        archive(tmp_path / "many.tar", [BASE, TOP, CONFIG], old=[])


def test_a_layer_that_zstd_packed_says_so(tmp_path):
    """It is copied as it is: nothing here unpacks it, so its diff ID is not compared, and how many there are is."""
    packed = b"\x28\xb5\x2f\xfd" + bytes(40)
    saved = archive(tmp_path / "z.tar", [BASE, packed, CONFIG], old=[listed("app:v1", layers=(BASE, packed))])
    assert [layer.media_type for layer in saved.manifest(saved.resolve("")).layers] == [OCI_LAYER, OCI_LAYER_ZSTD]
    with pytest.raises(InvalidValue, match="names 2 layers, the archive has 1"):
        archive(tmp_path / "few.tar", [packed, CONFIG], old=[listed("app:v1", layers=(packed,))])


def test_a_bare_tag_is_no_repository_of_docker_hub(tmp_path):
    """skopeo and buildah write `oci-archive:x.tar:v7` so; a whole reference there is still one."""
    manifest = image(CONFIG, BASE, TOP)
    for written, name in (
        ("v7", "v7"),
        ("quay.io/team/app:v7", "quay.io/team/app:v7"),
        ("app:v7", "docker.io/library/app:v7"),
    ):
        saved = archive(
            tmp_path / "x.tar", [BASE, TOP, CONFIG, manifest.raw], index_of(manifest, **{REF_NAME: written})
        )
        assert saved.names() == (name,) and saved.resolve(written) == manifest.digest


def test_an_index_is_listed_for_old_clients_by_one_platform(tmp_path):
    """linux/amd64 where it is there, else the first that is here; skopeo and Docker's older store then find an image."""
    plain = image(CONFIG, BASE, TOP)
    arm_config = ImageConfig.of([Digest.of(BASE)], platform=Platform("linux", "arm64")).raw
    arm = image(arm_config, BASE)
    for first, platforms in ((plain, ("linux/amd64", "linux/arm64")), (arm, ("linux/s390x", "linux/arm64"))):
        wanted = zip((plain, arm), platforms, strict=True)
        entries = [Descriptor(m.media_type, m.digest, m.size, platform=Platform.parse(p)) for m, p in wanted]
        index = ImageIndex.of(reversed(entries))
        writer = DockerArchiveWriter(tmp_path / f"{platforms[0][6:]}.tar")
        for blob, media_type in ((BASE, OCI_LAYER), (TOP, OCI_LAYER), (CONFIG, OCI_CONFIG), (arm_config, OCI_CONFIG)):
            writer.put_blob(Descriptor.of(blob, media_type), blob)
        for manifest, name in ((arm, None), (plain, None), (index, "team/app:v1")):
            writer.put_manifest(manifest, name)
        writer.close()
        with tarfile.open(writer.path) as tar:
            (entry,) = json.loads(tar.extractfile("manifest.json").read())
        assert (entry["Config"], entry["RepoTags"]) == (place_of(first), ["team/app:v1"])
        assert skopeo_reads(writer.path)
        # What is read back is the index, whole.
        assert DockerArchive(writer.path).resolve("") == index.digest


def place_of(manifest: ImageManifest) -> str:
    """Where the config of an image is."""
    return f"blobs/sha256/{manifest.config.digest.encoded}"
