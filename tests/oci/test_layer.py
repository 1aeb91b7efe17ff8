"""Layers and their archives: canonical when written, checked when read, with the standard library's tarfile as oracle."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci import tarball
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry, directory, file, hardlink, opaque, symlink, whiteout
from simregistry.oci.layer import Changeset
from simregistry.oci.rootfs import stack

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..") and len(name.encode()) <= 255
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ENTRIES = st.one_of(
    st.builds(file, PATHS, st.binary(max_size=600), st.integers(0, 0o7777)),
    st.builds(directory, PATHS),
    st.builds(
        symlink,
        PATHS,
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
    ),
    st.builds(hardlink, PATHS, PATHS),
    st.builds(
        lambda path, kind: Entry(path, kind, device=(1, 3) if kind != "fifo" else (0, 0)),
        PATHS,
        st.sampled_from(["char", "block", "fifo"]),
    ),
)
CHANGESETS = st.lists(ENTRIES, max_size=8, unique_by=lambda entry: entry.path).map(
    lambda entries: Changeset(tuple(entries))
)


@given(CHANGESETS)
def test_a_layer_goes_to_an_archive_and_back(changeset):
    """Bytes in, the same entries out, and writing them again gives the same bytes."""
    archive = changeset.to_tar()
    again = Changeset.from_tar(archive)
    assert again == changeset
    assert again.to_tar() == archive
    assert again.diff_id == changeset.diff_id == Digest.of(archive)


@given(CHANGESETS)
def test_the_archive_is_one_that_tarfile_reads(changeset):
    """The oracle: names, kinds and sizes as the standard library sees them."""
    with tarfile.open(fileobj=io.BytesIO(changeset.to_tar())) as archive:
        seen = {member.name: (member.type, member.size) for member in archive}
    assert seen == {entry.path: (tarball.TYPES[entry.kind], len(entry.content)) for entry in changeset}


def test_the_same_changes_are_the_same_bytes():
    """Whatever the order they are given in: this digest was computed once and holds on every machine."""
    one = Changeset.of({"b": "2", "a": "1"})
    assert one.to_tar() == Changeset.of({"a": "1", "b": "2"}).to_tar()
    assert one.diff_id == "sha256:725d44982de63a323913cf7f6422eddeefe87cb5b64c1633f8c980628bb51d40"


def test_a_changed_byte_is_another_digest():
    """And nothing else about the layer need change."""
    one, other = Changeset.of({"a": "1"}), Changeset.of({"a": "2"})
    assert one.size == other.size
    assert one.diff_id != other.diff_id


def test_gzip_changes_the_blob_and_not_the_diff_id():
    """Two digests: what travels, and what is stacked."""
    changeset = Changeset.of({"a": "1" * 1000})
    blob = changeset.to_gzip()
    assert len(blob) < changeset.size
    assert Digest.of(blob) != changeset.diff_id
    assert Changeset.from_blob(blob).diff_id == changeset.diff_id


def test_an_archive_of_others_keeps_its_own_diff_id():
    """A tar that is not canonical is not written anew when its diff ID is asked for."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        header = tarfile.TarInfo("./z")
        header.mtime = 123
        archive.addfile(header)
        archive.addfile(tarfile.TarInfo("./"))
    changeset = Changeset.from_tar(stream.getvalue())
    assert changeset.diff_id == Digest.of(stream.getvalue())
    assert [entry.path for entry in changeset] == ["z"]


def test_whiteouts_have_the_names_of_the_specification():
    """image-spec layer.md, Whiteouts and Opaque Whiteout."""
    assert [whiteout("a/b").path, whiteout("b").path, opaque("a").path] == ["a/.wh.b", ".wh.b", "a/.wh..wh..opq"]


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\0b", "x" * 256, "a/" * 3000 + "b"]
)
def test_a_path_that_leads_out_is_refused(path):
    """Nothing outside the image's root can be named."""
    with pytest.raises(InvalidValue):
        file(path)


def raw_tar(*headers: tuple[str, bytes, str]) -> bytes:
    """Write an archive without any check."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind, target in headers:
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, target
            archive.addfile(header)
    return stream.getvalue()


HOSTILE = {
    "parent folder behind the root": raw_tar(("/../etc/passwd", tarfile.REGTYPE, "")),
    "parent folder": raw_tar(("../escape", tarfile.REGTYPE, "")),
    "same path twice": raw_tar(("a", tarfile.REGTYPE, ""), ("a", tarfile.REGTYPE, "")),
    # layer.md forbids it. umoci takes the last of the two, but another reader takes the first: here it is refused.
    "same path in two spellings": raw_tar(("a", tarfile.REGTYPE, ""), ("./a", tarfile.REGTYPE, "")),
    "same path, once from the root": raw_tar(("a", tarfile.REGTYPE, ""), ("/a", tarfile.REGTYPE, "")),
    "directory and file of one path": raw_tar(("a", tarfile.DIRTYPE, ""), ("a", tarfile.REGTYPE, "")),
    "hard link out of the layer": raw_tar(("a", tarfile.LNKTYPE, "../../etc/passwd")),
    "hard link out by the root": raw_tar(("a", tarfile.LNKTYPE, "/../etc/passwd")),
    "hard link to the root": raw_tar(("a", tarfile.LNKTYPE, "/")),
    "unknown type": raw_tar(("a", b"Z", "")),
    "not a tar": b"not a tar",
    "garbage of a block's size": b"x" * 1024,
    "truncated gzip": gzip.compress(b"x" * 1024, mtime=0)[:-9],
    "gzip in name only": b"\x1f\x8b broken",
}


def test_names_from_the_root_are_below_the_root():
    """As ko and kaniko write them: files, directories, links and whiteouts, with slashes and dots to spare."""
    archive = raw_tar(
        ("/", tarfile.DIRTYPE, ""),
        ("/ko-app", tarfile.DIRTYPE, ""),
        ("/ko-app//web", tarfile.REGTYPE, ""),
        ("/./ko-app/.wh.old", tarfile.REGTYPE, ""),
        ("/bin/web", tarfile.LNKTYPE, "/ko-app/web"),
        ("/web", tarfile.SYMTYPE, "/ko-app/web"),
    )
    entries = {entry.path: entry for entry in Changeset.from_tar(archive)}
    assert sorted(entries) == ["bin/web", "ko-app", "ko-app/.wh.old", "ko-app/web", "web"]
    assert entries["bin/web"].target == "ko-app/web"
    # A symbolic link's target is a string of its own: in the container, / is the image's root.
    assert entries["web"].target == "/ko-app/web"
    tree = stack([Changeset.of({"ko-app/old": "", "etc/motd": ""}), Changeset.from_tar(archive)])
    assert sorted(tree) == ["bin", "bin/web", "etc", "etc/motd", "ko-app", "ko-app/web", "web"]


def test_a_directory_that_is_listed_again_is_one_directory():
    """Two trees in one archive both have it; the one that comes last says its attributes, as when it is unpacked."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, mode in (("usr", 0o700), ("usr/one", 0o644), ("./usr/", 0o755), ("usr/two", 0o644)):
            header = tarfile.TarInfo(name)
            header.type, header.mode = (tarfile.DIRTYPE if name.strip("./") == "usr" else tarfile.REGTYPE), mode
            archive.addfile(header)
    changeset = Changeset.from_tar(stream.getvalue())
    assert [(entry.path, entry.mode) for entry in changeset] == [("usr", 0o755), ("usr/one", 0o644), ("usr/two", 0o644)]
    # Entries that are made here are another matter: nobody lists a directory twice on purpose.
    with pytest.raises(InvalidValue, match="twice"):
        Changeset((directory("usr"), directory("usr")))


@pytest.mark.parametrize("archive", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_broken_archive_is_refused(archive):
    """Always an InvalidValue, never another error."""
    with pytest.raises(InvalidValue):
        Changeset.from_blob(archive)


def test_a_gzip_bomb_is_stopped_at_the_limit():
    """A hundred megabytes in a hundred kilobytes: no more than the limit is ever unpacked."""
    bomb = gzip.compress(b"\0" * 100_000_000, 9)
    with pytest.raises(InvalidValue, match="unpacks to more than 1,000,000 bytes"):
        tarball.uncompressed(bomb, limit=1_000_000)


def test_too_many_entries_are_refused():
    """The count is bounded too."""
    with pytest.raises(InvalidValue, match="more than 2 entries"):
        list(tarball.read_tar(Changeset.of(dict.fromkeys("abc", "")).to_tar(), most_entries=2))


@given(CHANGESETS, st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=5))
def test_a_damaged_archive_is_read_or_refused(changeset, damage):
    """Random bytes changed in a good archive: only ever entries or an InvalidValue."""
    archive = bytearray(changeset.to_tar())
    for place, value in damage:
        archive[place % len(archive)] = value
    try:
        Changeset.from_blob(bytes(archive))
    except InvalidValue:
        pass


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_layer_or_an_invalid_value(data):
    """The same of bytes that never were an archive."""
    try:
        Changeset.from_blob(data)
    except InvalidValue:
        pass
