"""Images in and out: layouts and archives, by our hand and by skopeo's and umoci's, with every digest as it was."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import stat
import subprocess
import tarfile
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from peers import DockerRegistry, program
from web_shop import shop_with_index

from simregistry import Digest, ImageConfig, ImageIndex, ImageManifest, Registry, cli
from simregistry.connect.copy_image import LocalRepository, copy_image, inventory_of_source
from simregistry.connect.disk import content_of
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.docker_archive_writer import DockerArchiveWriter
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository, referrers_tag
from simregistry.errors import DigestMismatch, ImageUnknown, InvalidValue, ManifestBlobUnknown
from simregistry.oci.content import LARGE, bytes_of, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.entry import OPAQUE, Entry, file, hardlink, opaque, symlink, whiteout
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_LAYER
from simregistry.oci.rootfs import stack
from simregistry.registry.storage.storage import Storage
from simregistry.study.examples.small_images import SmallImage

NAME = "registry.example/web:v1"


@pytest.fixture
def registry() -> Registry:
    """The web app in two versions, and an index over both."""
    return shop_with_index("v1", "v2")[0]


def run(*command: str) -> str:
    """Run a program; gives what it prints."""
    ran = subprocess.run([program(command[0]), *command[1:]], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def digests(storage: Storage) -> set[Digest]:
    """All that is on a shelf."""
    return set(storage.blobs)


@pytest.mark.parametrize("tag", ["v1", "multi"])
def test_out_to_a_layout_and_back_is_the_same(registry, tmp_path, tag):
    """Manifests, index and blobs, byte for byte."""
    shelf = LocalRepository(registry.storage, "web")
    done = copy_image(shelf, tag, OciLayout(tmp_path / "layout"))
    back = Storage()
    copy_image(OciLayout(tmp_path / "layout"), "", LocalRepository(back, "web"))
    assert back.repository("web").tags == {tag: done.digest}
    assert digests(back) <= digests(registry.storage)
    assert back.repository("web").manifests[done.digest].raw == registry.manifest("web", tag).raw


def test_a_second_image_joins_a_layout_and_shares_its_blobs(registry, tmp_path):
    """And a name that is written again moves."""
    layout = OciLayout(tmp_path / "layout")
    first = copy_image(LocalRepository(registry.storage, "web"), "v1", layout)
    second = copy_image(LocalRepository(registry.storage, "web"), "v2", OciLayout(tmp_path / "layout"))
    assert (first.already, second.already) == (0, 3)
    again = OciLayout(tmp_path / "layout")
    copy_image(LocalRepository(registry.storage, "web"), "v1", again, "v2")
    assert OciLayout(tmp_path / "layout").names() == ("v1", "v2")
    assert OciLayout(tmp_path / "layout").resolve("v2") == first.digest


def test_what_else_a_layout_holds_stays_in_it(registry, tmp_path):
    """An entry that is no image, and the index's own annotations, are somebody's: writing beside them keeps them."""
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    index = tmp_path / "layout" / "index.json"
    told = json.loads(index.read_text()) | {"annotations": {"by": "somebody"}}
    told["manifests"].append({"mediaType": "application/x.thing", "digest": Digest.of(b"thing"), "size": 5})
    index.write_text(json.dumps(told))
    copy_image(LocalRepository(registry.storage, "web"), "v2", OciLayout(tmp_path / "layout"))
    kept = json.loads(index.read_text())
    assert kept["annotations"] == {"by": "somebody"}
    assert "application/x.thing" in [entry["mediaType"] for entry in kept["manifests"]]
    assert OciLayout(tmp_path / "layout").names() == ("v1", "v2")


def test_skopeo_reads_our_layout_and_we_read_skopeos(registry, tmp_path):
    """Every digest the same, both ways."""
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "ours"))
    run("skopeo", "copy", "--preserve-digests", f"oci:{tmp_path / 'ours'}:v1", f"oci:{tmp_path / 'theirs'}:v1")
    theirs = OciLayout(tmp_path / "theirs")
    assert theirs.resolve("v1") == registry.image("web:v1").digest
    back = Storage()
    copy_image(theirs, "v1", LocalRepository(back, "web"))
    assert digests(back) <= digests(registry.storage)


def test_skopeo_reads_our_archive_and_we_read_skopeos(registry, tmp_path):
    """The image ID and the diff IDs are those of the build; the old form has no manifest to keep."""
    writer = DockerArchiveWriter(tmp_path / "ours.tar")
    copy_image(LocalRepository(registry.storage, "web"), "v1", writer, NAME)
    writer.close()
    ours = DockerArchive(tmp_path / "ours.tar")
    assert ours.names() == (NAME,) and ours.resolve(NAME) == registry.image("web:v1").digest
    told = json.loads(run("skopeo", "inspect", "--config", f"docker-archive:{tmp_path / 'ours.tar'}"))
    config = ImageConfig.parse(registry.storage.blobs.get(registry.image("web:v1").manifest.config.digest))
    assert told["rootfs"]["diff_ids"] == list(config.diff_ids)
    run("skopeo", "copy", f"docker-archive:{tmp_path / 'ours.tar'}", f"docker-archive:{tmp_path / 'theirs.tar'}:{NAME}")
    theirs = DockerArchive(tmp_path / "theirs.tar")
    manifest = theirs.manifest(theirs.resolve(NAME))
    assert isinstance(manifest, ImageManifest)
    assert [layer.digest for layer in manifest.layers] == list(config.diff_ids)


def test_a_compressed_archive_is_read_too(registry, tmp_path):
    """As `docker save | gzip` makes it."""
    writer = DockerArchiveWriter(tmp_path / "plain.tar")
    copy_image(LocalRepository(registry.storage, "web"), "v1", writer, NAME)
    writer.close()
    (tmp_path / "packed.tar.gz").write_bytes(gzip.compress((tmp_path / "plain.tar").read_bytes()))
    back = Storage()
    copy_image(DockerArchive(tmp_path / "packed.tar.gz"), "", LocalRepository(back, "web"), "v1")
    assert back.repository("web").tags == {"v1": registry.image("web:v1").digest}


def old_archive(path: Path, registry: Registry) -> Path:
    """What `docker save` wrote before version 25: a config, layers in folders of their own, one linked to another."""
    manifest = registry.image("web:v1").manifest
    assert isinstance(manifest, ImageManifest)
    with tarfile.open(path, "w") as tar:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))

        config = manifest.config.digest.encoded
        add(f"{config}.json", registry.storage.blobs.get(manifest.config.digest))
        layers = []
        for number, layer in enumerate(manifest.layers):
            add(f"layer{number}/layer.tar", registry.storage.blobs.get(layer.digest))
            layers.append(f"layer{number}/layer.tar")
        link = tarfile.TarInfo("layer9/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../layer3/layer.tar"
        tar.addfile(link)
        said = [{"Config": f"{config}.json", "RepoTags": ["web:v1"], "Layers": [*layers[:3], "layer9/layer.tar"]}]
        add("manifest.json", json.dumps(said).encode())
        add("repositories", b'{"web":{"v1":"layer3"}}')
    return path


def test_the_old_form_gives_the_same_config_and_layers(registry, tmp_path):
    """Its links inside the archive are followed; short names are found."""
    archive = DockerArchive(old_archive(tmp_path / "old.tar", registry))
    manifest, built = archive.manifest(archive.resolve("web:v1")), registry.image("web:v1").manifest
    assert manifest.config == built.config and manifest.layers == built.layers
    assert archive.names() == ("docker.io/library/web:v1",)


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """One header."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


HOSTILE = {
    "leads out": [member("../evil")],
    "absolute": [member("/etc/passwd")],
    "device": [member("dev", tarfile.CHRTYPE)],
    "fifo": [member("pipe", tarfile.FIFOTYPE)],
    "twice": [member("manifest.json"), member("./manifest.json")],
    "neither form": [member("readme")],
    "link out": [member("manifest.json", tarfile.SYMTYPE, "../../etc/passwd")],
    "circle": [member("manifest.json", tarfile.SYMTYPE, "b"), member("b", tarfile.SYMTYPE, "manifest.json")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_written(members, tmp_path):
    """Whatever it tries."""
    with tarfile.open(tmp_path / "hostile.tar", "w") as tar:
        for each in members:
            tar.addfile(each)
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises((InvalidValue, ImageUnknown)):
        DockerArchive(tmp_path / "hostile.tar")
    assert sorted(tmp_path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "said",
    [b"null", b"[null]", b"[{}]", b'[{"Config":1,"Layers":[]}]', b'[{"Config":"c","Layers":5}]',
     b'[{"Config":"manifest.json","Layers":[],"RepoTags":7}]', b'[{"Config":"manifest.json","Layers":["gone"]}]'],
)  # fmt: skip
def test_a_manifest_json_that_says_nonsense_is_refused(said, tmp_path):
    """With what an image needs."""
    with tarfile.open(tmp_path / "odd.tar", "w") as tar:
        each = member("manifest.json")
        each.size = len(said)
        tar.addfile(each, io.BytesIO(said))
    with pytest.raises((InvalidValue, ImageUnknown)):
        DockerArchive(tmp_path / "odd.tar")


# The last was found by a coverage-guided run: a gzip stream with a block of no known kind.
BROKEN_BLOCK = b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 20


@pytest.mark.parametrize("raw", [b"", b"no tar", b"\x1f\x8bbroken", b"x" * 600, BROKEN_BLOCK])
def test_what_is_no_archive_is_said_to_be_none(raw, tmp_path):
    """Instead of a traceback of the tar reader."""
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(InvalidValue, match="archive"):
        DockerArchive(tmp_path / "file")


def layout_with(tmp_path: Path, manifest: bytes, blobs: dict[str, bytes]) -> OciLayout:
    """A layout that claims things."""
    layout = OciLayout(tmp_path / "layout")
    copied = SmallImage.of_bytes([b"layer"], b"{}").manifest
    layout.put_manifest(copied, "v1")
    for name, content in ({copied.digest.encoded: manifest} | blobs).items():
        (tmp_path / "layout" / "blobs" / "sha256" / name).write_bytes(content)
    return layout


def test_a_layout_is_not_believed(tmp_path):
    """A manifest of other bytes, a blob of another size, a blob of other bytes: each is found out, nothing is kept."""
    true = SmallImage.of_bytes([b"layer"], b"{}").manifest.raw
    config, layer = Digest.of(b"{}").encoded, Digest.of(b"layer").encoded
    for manifest, blobs, error in (
        (b"{}", {}, DigestMismatch),
        (true, {config: b"{}", layer: b"longer layer"}, InvalidValue),
        (true, {config: b"{}", layer: b"LAYER"}, DigestMismatch),
        (true, {config: b"{}"}, ImageUnknown),
    ):
        place = tmp_path / error.__name__ / str(len(blobs))
        place.mkdir(parents=True)
        back = Storage()
        with pytest.raises(error):
            copy_image(layout_with(place, manifest, blobs), "v1", LocalRepository(back, "web"))
        assert not back.repositories.get("web") or not back.repository("web").tags


def test_indexes_that_name_each_other_without_end_are_refused(tmp_path):
    """By depth: a digest cannot name itself, but a chain can be long."""
    layout = OciLayout(tmp_path / "layout")
    manifest = ImageIndex.of([])
    for _ in range(12):
        layout.put_manifest(manifest, None)
        manifest = ImageIndex.of([manifest.descriptor])
    layout.put_manifest(manifest, "deep")
    with pytest.raises(InvalidValue, match="deep"):
        copy_image(layout, "deep", LocalRepository(Storage(), "web"))


@pytest.mark.parametrize(
    "wrong",
    [{"imageLayoutVersion": "2.0.0"}, {}, [1]],
)
def test_another_kind_of_folder_is_no_layout(tmp_path, wrong):
    """A version that is not known, or no layout at all."""
    (tmp_path / "oci-layout").write_text(json.dumps(wrong))
    with pytest.raises(InvalidValue):
        OciLayout(tmp_path)
    with pytest.raises(InvalidValue, match="oci-layout"):
        (tmp_path / "oci-layout").rename(tmp_path / "something")
        OciLayout(tmp_path)


def test_an_unknown_name_says_which_there_are(registry, tmp_path):
    """In a layout and in an archive."""
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    with pytest.raises(ImageUnknown, match="v1"):
        OciLayout(tmp_path / "layout").resolve("v9")


def test_the_inventory_of_a_layout_counts_what_hangs_on_each_name(registry, tmp_path):
    """So the report works on it."""
    for tag in ("v1", "multi"):
        copy_image(LocalRepository(registry.storage, "web"), tag, OciLayout(tmp_path / "layout"))
    inventory = inventory_of_source(OciLayout(tmp_path / "layout"))
    assert inventory.stored_bytes == registry.storage_report().shelf_bytes
    assert set(inventory.holdings[""].tags) == {"v1", "multi"}


def test_copy_and_report_on_the_command_line(registry, tmp_path, capsys):
    """In the notation that people know."""
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    archive = f"docker-archive:{tmp_path / 'web.tar'}"
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}:v1", f"{archive}:web:v1"]) == 0
    assert cli.main(["copy", archive, f"oci:{tmp_path / 'again'}:new"]) == 0
    assert OciLayout(tmp_path / "again").resolve("new") == registry.image("web:v1").digest
    assert cli.main(["report", f"oci:{tmp_path / 'again'}"]) == 0
    assert "1 images, 4 layers" in capsys.readouterr().out
    assert cli.main(["copy", archive, archive]) == 2
    assert cli.main(["copy", "ftp:somewhere", archive]) == 2
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}:v9", f"oci:{tmp_path / 'x'}"]) == 2
    assert "v1" in capsys.readouterr().err


def signed(registry: Registry) -> tuple[ImageManifest, ImageManifest]:
    """A signature of web:v1, and a signature of that signature."""
    shelf = LocalRepository(registry.storage, "web")
    empty = Descriptor.of(b"{}", OCI_EMPTY)
    shelf.put_blob(empty, b"{}")
    made, subject = [], registry.image("web:v1").manifest
    for kind in ("application/vnd.example.signature", "application/vnd.example.counter"):
        subject = ImageManifest.of(empty, [empty], subject=subject.descriptor, artifact_type=kind)
        shelf.put_manifest(subject, None)
        made.append(subject)
    return made[0], made[1]


def test_what_refers_to_an_image_comes_along_if_asked_for(registry, tmp_path):
    """Through a layout and back, signatures of signatures too; the layout has one image that stands alone."""
    signature, counter = signed(registry)
    layout = OciLayout(tmp_path / "layout")
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "without"))
    assert not OciLayout(tmp_path / "without").referrers(signature.subject.digest)
    copy_image(LocalRepository(registry.storage, "web"), "v1", layout, referrers=True)
    again = OciLayout(tmp_path / "layout")
    assert again.resolve("") == signature.subject.digest
    back = Registry("back.example")
    copy_image(again, "v1", LocalRepository(back.storage, "app"), referrers=True)
    assert back.storage.repositories["app"].referrers == {
        signature.subject.digest: [signature.digest],
        signature.digest: [counter.digest],
    }


def test_referrers_go_to_a_registry_that_has_no_list_of_them(registry, tmp_path):
    """docker-registry 2.8 gets the tag that lists them (distribution-spec, "Referrers Tag Schema"), and we read it."""
    signature, counter = signed(registry)
    with DockerRegistry(tmp_path / "storage") as real:
        there = RemoteRepository(Remote(f"127.0.0.1:{real.port}"), "app")
        for _ in range(2):
            copy_image(LocalRepository(registry.storage, "web"), "v1", there, referrers=True)
        assert there.referrers(signature.subject.digest) == (signature.digest,)
        listed = there.manifest(there.resolve(referrers_tag(signature.subject.digest)))
        assert [entry.artifact_type for entry in listed.manifests] == ["application/vnd.example.signature"]
        copy_image(there, "v1", OciLayout(tmp_path / "layout"), referrers=True)
    assert OciLayout(tmp_path / "layout").referrers(signature.digest) == (counter.digest,)


def test_a_sparse_index_is_copied_with_what_is_there(registry, tmp_path):
    """A layout that holds one platform of two: the index keeps its bytes, and what is missing is said."""
    v1, v2 = (registry.image(f"web:{version}").manifest.digest for version in ("v1", "v2"))
    copy_image(LocalRepository(registry.storage, "web"), "multi", OciLayout(tmp_path / "layout"))
    (tmp_path / "layout" / "blobs" / "sha256" / v2.encoded).unlink()
    source = OciLayout(tmp_path / "layout")
    done = copy_image(source, "multi", OciLayout(tmp_path / "copy"))
    assert done.missing == (v2,) and "not in the source" in str(done)
    assert OciLayout(tmp_path / "copy").manifest(v1) == registry.image("web:v1").manifest
    assert source.resolve("multi") == OciLayout(tmp_path / "copy").resolve("multi")
    assert inventory_of_source(source).stored_bytes < registry.storage_report().shelf_bytes
    # A registry that wants all of an index refuses it, and says what it wants.
    with pytest.raises(ManifestBlobUnknown, match="push it first"):
        copy_image(source, "multi", LocalRepository(Storage(), "web"))
    with pytest.raises(ImageUnknown):
        copy_image(source, "v2", OciLayout(tmp_path / "copy"))


def test_copy_from_and_to_a_storage_folder(registry, tmp_path, capsys):
    """The real registry's own folder, in the same notation."""
    storage = f"storage:{tmp_path / 'storage'}:team/web:v1"
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}", storage]) == 0
    assert cli.main(["copy", storage, f"oci:{tmp_path / 'back'}:v1"]) == 0
    assert OciLayout(tmp_path / "back").resolve("v1") == registry.image("web:v1").digest
    assert cli.main(["report", f"storage:{tmp_path / 'storage'}"]) == 0
    assert "team/web:v1" in capsys.readouterr().out
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}", storage]) == 2
    assert cli.main(["copy", f"storage:{tmp_path / 'storage'}", f"oci:{tmp_path / 'x'}"]) == 2
    with DockerRegistry(tmp_path / "storage") as real:
        assert real.send("GET", "/v2/team/web/tags/list")[2] == b'{"name":"team/web","tags":["v1"]}\n'


def test_a_large_layer_passes_in_pieces(tmp_path):
    """From a layout through an archive into a layout and a registry: no more than a few pieces are held at once."""
    size = 4 * LARGE
    layer = b"".join(number.to_bytes(8, "big") * 8192 for number in range(size // 65536))
    layout = OciLayout(tmp_path / "layout")
    described = Descriptor.of(layer, OCI_LAYER)
    # An archive's config is compared with its layers, so this one names its layer.
    config_bytes = ImageConfig.of([described.digest]).raw
    config = Descriptor.of(config_bytes, OCI_CONFIG)
    layout.put_blob(described, layer)
    layout.put_blob(config, config_bytes)
    layout.put_manifest(ImageManifest.of(config, [described]), "big")
    del layer
    tracemalloc.start()
    archive = DockerArchiveWriter(tmp_path / "big.tar")
    copy_image(layout, "big", archive, "big:v1")
    archive.close()
    storage = Storage()
    with pytest.raises(InvalidValue, match="which tag"):
        copy_image(DockerArchive(tmp_path / "big.tar"), "", LocalRepository(storage, "big"))
    copy_image(DockerArchive(tmp_path / "big.tar"), "", LocalRepository(storage, "big"), "v1")
    copy_image(LocalRepository(storage, "big"), "", OciLayout(tmp_path / "again"))
    assert storage.blobs.get(described.digest)[size - 8 :].parts[-1] == (size // 65536 - 1).to_bytes(8, "big")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE
    assert OciLayout(tmp_path / "again").resolve("v1") == layout.resolve("big")


def test_a_file_that_becomes_shorter_is_noticed(tmp_path):
    """Its bytes are read when they are wanted, and may be gone by then."""
    (tmp_path / "big").write_bytes(bytes(LARGE))
    content = content_of(tmp_path / "big", 0, LARGE)
    os.truncate(tmp_path / "big", LARGE - 1)
    with pytest.raises(InvalidValue, match="shorter"):
        list(pieces_of(content))


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(tmp_path, monkeypatch):
    """What shrank to less than a hundredth is no image; the file it is unpacked to has no name and is gone."""
    monkeypatch.setattr("simregistry.connect.tar_members.FLOOR", 1_000_000)
    (tmp_path / "bomb.tar.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    with pytest.raises(InvalidValue, match="bomb"):
        DockerArchive(tmp_path / "bomb.tar.gz")
    assert os.listdir(tmp_path) == ["bomb.tar.gz"]


def test_umoci_makes_a_layout_and_we_keep_it(tmp_path):
    """An image that umoci began, gave a layer and tagged twice: in, out, and unpacked to the same file."""
    at = f"{tmp_path / 'layout'}"
    (tmp_path / "hello").write_text("hello")
    run("umoci", "init", "--layout", at)
    run("umoci", "new", "--image", f"{at}:v1")
    run("umoci", "insert", "--rootless", "--image", f"{at}:v1", str(tmp_path / "hello"), "/etc/hello")
    run("umoci", "tag", "--image", f"{at}:v1", "v2")
    layout = OciLayout(at)
    assert layout.names() == ("v1", "v2")
    for tag in layout.names():
        copy_image(layout, tag, OciLayout(tmp_path / "copy"))
    copy = OciLayout(tmp_path / "copy")
    assert copy.resolve("v1") == copy.resolve("v2") == layout.resolve("v1")
    (layer,) = copy.manifest(copy.resolve("v1")).layers
    assert stack([Changeset.from_blob(bytes_of(copy.blob(layer)))])["etc/hello"].content == b"hello"
    run("umoci", "unpack", "--rootless", "--image", f"{tmp_path / 'copy'}:v2", str(tmp_path / "bundle"))
    assert (tmp_path / "bundle" / "rootfs" / "etc" / "hello").read_text() == "hello"


def random_changeset(dice: random.Random, tree: dict[str, Entry]) -> Changeset:
    """A change to a tree: files, folders, links of both kinds, whiteouts, opaque ones, and changes of type."""
    folders = ["", *(path + "/" for path, entry in tree.items() if entry.kind == "directory"), "etc/", "usr/lib/", "l/"]
    made: dict[str, Entry] = {}
    for _ in range(dice.randint(1, 7)):
        path = dice.choice(folders) + dice.choice("abcdl")
        there = tree.get(path)
        kinds = ["file", "file", "directory", "symlink", "hardlink"]
        kind = dice.choice(kinds if there is None or dice.random() < 0.5 else [there.kind])
        below = [other for other in made if other.startswith(f"{path}/") or path.startswith(f"{other}/")]
        if kind == "hardlink":
            # To a file that this layer leaves alone, or the order in the archive would decide what is linked.
            files = [other for other, entry in tree.items() if entry.kind == "file" and "/" not in other]
            targets = [other for other in files if other not in made and other != path]
            made |= {path: hardlink(path, dice.choice(targets))} if targets and not below else {}
        elif kind == "directory":
            made[path] = Entry(path, "directory", mode=dice.choice((0o755, 0o700)))
        elif kind == "symlink" and not below:
            made[path] = symlink(path, dice.choice(("a", "etc", "/usr/lib", "../..", "gone/c", "./b")))
        elif kind == "file" and not below:
            made[path] = file(path, dice.randbytes(dice.randint(0, 40)), dice.choice((0o644, 0o755)))
    linked = {entry.target for entry in made.values() if entry.kind == "hardlink"}
    apart = [path for path in tree if not any(_related(path, other) for other in (*made, *linked))]
    for path in dice.sample(apart, min(len(apart), dice.randint(0, 2))):
        if tree[path].kind == "directory" and dice.random() < 0.5:
            made[f"{path}/{OPAQUE}"] = opaque(path)
        else:
            made[whiteout(path).path] = whiteout(path)
    return Changeset(tuple(made.values()))


def _related(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _shown(root: Path) -> dict[str, tuple[object, ...]]:
    """What an unpacked tree has: type, mode, content or target."""
    found: dict[str, tuple[object, ...]] = {}
    for path in root.rglob("*"):
        mode = os.lstat(path).st_mode
        name = str(path.relative_to(root))
        if stat.S_ISLNK(mode):
            found[name] = ("symlink", os.readlink(path))
        elif stat.S_ISDIR(mode):
            found[name] = ("directory",)
        else:
            found[name] = ("file", stat.S_IMODE(mode), path.read_bytes())
    return found


def _meant(tree: dict[str, Entry]) -> dict[str, tuple[object, ...]]:
    """The same of a tree of ours."""
    shown = {
        "file": lambda entry: ("file", entry.mode, entry.content),
        "symlink": lambda entry: ("symlink", entry.target),
        "directory": lambda entry: ("directory",),
    }
    return {path: shown[entry.kind](entry) for path, entry in tree.items()}


@pytest.mark.parametrize("seed", range(100))
def test_umoci_unpacks_what_we_stack(seed, tmp_path):
    """Random changesets: what umoci unpacks, file by file, is our root file system; and it refuses what we refuse."""
    dice = random.Random(seed)
    layers: list[Changeset] = []
    tree: dict[str, Entry] = {}
    for _ in range(dice.randint(1, 5)):
        layers.append(random_changeset(dice, tree))
        try:
            tree = stack(layers)
        except InvalidValue:
            assert unpacked(layers, tmp_path) is None
            layers.pop()
    assert unpacked(layers, tmp_path) == _meant(tree)


def unpacked(layers: list[Changeset], scratch: Path) -> dict[str, tuple[object, ...]] | None:
    """What umoci makes of layers; None where it refuses them."""
    image = SmallImage.of_bytes([layer.to_tar() for layer in layers])
    scratch = Path(tempfile.mkdtemp(dir=scratch))
    layout = OciLayout(scratch / "layout")
    for blob in image.manifest.blobs:
        layout.put_blob(blob, image.blobs[blob.digest])
    layout.put_manifest(image.manifest, "v1")
    command = ["unpack", "--rootless", "--image", f"{scratch / 'layout'}:v1", str(scratch / "bundle")]
    ran = subprocess.run([program("umoci"), *command], capture_output=True, text=True, timeout=120)
    return _shown(scratch / "bundle" / "rootfs") if ran.returncode == 0 else None
