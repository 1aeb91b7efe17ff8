"""Archives that ADD unpacks: which they are, whose their files become, and through which links they go."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random

import pytest

from simregistry.client.build.added_archive import added_archive, decompressed
from simregistry.client.client import Client
from simregistry.errors import InvalidValue
from simregistry.oci.entry import directory, file
from simregistry.oci.layer import Changeset

TAR = Changeset.of({"sbin/tool": "T", "note": "N"}).to_tar()
PACKERS = {"tar": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_every_kind_of_archive_is_unpacked_whatever_its_name(pack):
    """Only by what is in it: a text that is packed in the same way stays packed."""
    text = pack(b"no archive at all" * 100)
    laptop = Client()
    laptop.build("app:v1", "FROM scratch\nADD a.txt b.tar.xz /x/\n", {"a.txt": pack(TAR), "b.tar.xz": text})
    contents = {path: entry.content for path, entry in laptop.rootfs("app:v1").items() if entry.kind == "file"}
    assert contents == {"x/sbin/tool": b"T", "x/note": b"N", "x/b.tar.xz": text}


def test_several_streams_are_one_archive():
    """xz fills the space between them with zeros."""
    assert decompressed(lzma.compress(TAR[:700]) + bytes(8) + lzma.compress(TAR[700:])) == TAR
    assert added_archive(bz2.compress(TAR[:512]) + bz2.compress(TAR[512:])) == added_archive(TAR)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_bomb_is_refused_at_the_bound(pack):
    """A hundred bytes that unpack to a million: no more than the bound is ever in memory."""
    assert len(decompressed(pack(bytes(1000)), limit=1000)) == 1000
    with pytest.raises(InvalidValue, match="unpacks to more than 999 bytes"):
        decompressed(pack(bytes(1_000_000)), limit=999)


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_an_archive_that_breaks_off_stops_the_build(pack):
    """It begins as an archive, so it is not copied as if it were none."""
    # bzip2 packs 900,000 bytes at a time, and nothing comes out of less than one such block.
    whole = pack(Changeset.of({"big": random.Random(1).randbytes(2_000_000)}).to_tar())
    with pytest.raises(InvalidValue, match="line 2: the archive 'a'"):
        Client().build("app:v1", "FROM scratch\nADD a /\n", {"a": whole[: len(whole) * 2 // 3]})


def test_an_archive_goes_through_the_links_of_the_image(tmp_path):
    """Through a linked directory on the way, one at the end, and one that the archive lists itself."""
    (tmp_path / "root" / "usr" / "sbin").mkdir(parents=True)
    (tmp_path / "root" / "sbin").symlink_to("usr/sbin")
    (tmp_path / "root" / "note").symlink_to("usr/nowhere")
    (tmp_path / "a").write_bytes(TAR)
    (tmp_path / "b").write_bytes(Changeset((directory("sbin", 0o700), file("sbin/other", "O"))).to_tar())
    laptop = Client()
    laptop.build("app:v1", "FROM scratch\nCOPY root /\nADD a b /\nADD a /sbin\n", tmp_path)
    tree = laptop.rootfs("app:v1")
    assert (tree["sbin"].kind, tree["note"].kind) == ("symlink", "file")
    assert {path for path, entry in tree.items() if entry.kind == "file"} == {
        "note", "usr/sbin/tool", "usr/sbin/other", "usr/sbin/note", "usr/sbin/sbin/tool",
    }  # fmt: skip


def test_an_archive_wins_over_what_is_there():
    """Where COPY would refuse: a file in a directory's place, and a directory in a file's."""
    laptop = Client()
    archive = Changeset((directory("sbin"), file("sbin/tool"), file("note"))).to_tar()
    laptop.build("app:v1", "FROM scratch\nCOPY old /\nADD a /\n", {"a": archive, "old/note/x": "", "old/sbin": ""})
    assert {path: entry.kind for path, entry in laptop.rootfs("app:v1").items()} == {
        "note": "file", "sbin": "directory", "sbin/tool": "file",
    }  # fmt: skip


def test_the_owner_of_the_flags_owns_all_of_it_and_modes_stay():
    """BuildKit hands --chown to the unpacking, and --chmod to nothing."""
    laptop = Client()
    laptop.build("app:v1", "FROM scratch\nADD --chown=5 --chmod=700 a /new/\n", {"a": TAR})
    tree = laptop.rootfs("app:v1")
    assert {entry.uid for entry in tree.values()} == {5}
    assert tree["new/note"].mode == 0o644
