"""Headers of archives from outside: what they claim is compared with its bound first, and every refusal is a sentence."""

from __future__ import annotations

import io
import tarfile

import pytest

from simregistry.errors import InvalidValue
from simregistry.oci.layer import Changeset
from simregistry.oci.limits import LARGEST_EXTENSION, MOST_EXTENSIONS
from simregistry.oci.tar_headers import CheckedTar


def header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    """Write one header with any size at all, as GNU tar writes those that don't fit: in base 256."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
    block[156:157] = kind
    block[124:136] = (b"\xff" if size < 0 else b"\x80") + size.to_bytes(11, "big", signed=True)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def content(data: bytes) -> bytes:
    """Fill content up to whole blocks."""
    return data + bytes(-len(data) % tarfile.BLOCKSIZE)


def pax(record: bytes) -> bytes:
    """Write a PAX header with a record of its own length."""
    size = len(record) + 3
    while len(b"%d %s\n" % (size, record)) != size:
        size += 1
    return header("pax", tarfile.XHDTYPE, size) + content(b"%d %s\n" % (size, record))


LONG_NAME = header("long", tarfile.GNUTYPE_LONGNAME, 200) + content(b"n" * 199 + b"\0")
LONG_LINK = header("long", tarfile.GNUTYPE_LONGLINK, 200) + content(b"l" * 199 + b"\0")
END = bytes(1024)
HOSTILE = {
    "size below zero": header("a", size=-1),
    "size far below zero": header("a", size=-(2**80)),
    "enormous size": header("a", size=2**63),
    "one byte more than there is": header("a", size=1537) + content(b"x") ,
    "long name below zero": header("a", tarfile.GNUTYPE_LONGNAME, -512) + header("b"),
    "enormous long link": header("a", tarfile.GNUTYPE_LONGLINK, 2**62) + header("b"),
    "records over the limit": header("a", tarfile.XHDTYPE, LARGEST_EXTENSION + 1),
    "records that say a size below zero": pax(b"size=-1024") + header("b"),
    "records that say an enormous size": pax(b"size=9223372036854775807") + header("b"),
    "records with an endless number": pax(b"mtime=" + b"7" * 5000) + header("b"),
    "names without end": LONG_NAME * 900 + header("b"),
    "names and links in turn without end": (LONG_LINK + LONG_NAME) * 400 + header("b"),
    "records without end": pax(b"path=x") * 900 + header("b"),
    "a name for no member": LONG_NAME,
    "rubbish where a header should be": header("a") + b"rubbish!" * 64 + header("b"),
}  # fmt: skip


@pytest.mark.parametrize("archive", HOSTILE.values(), ids=HOSTILE)
def test_a_header_that_claims_too_much_is_refused(archive):
    """As a layer, and after an honest member too: tarfile itself is less strict behind the first one."""
    for raw in (archive + END, header("honest") + archive + END):
        with pytest.raises(InvalidValue) as refused:
            Changeset.from_tar(raw)
        assert len(str(refused.value)) < 300


def test_as_many_headers_as_real_programs_write_are_read():
    """A long name with a long link and records, far below the bound."""
    archive = pax(b"mtime=1.5") + LONG_LINK + LONG_NAME + header("short", tarfile.SYMTYPE) + END
    (entry,) = Changeset.from_tar(archive)
    assert (entry.path, entry.target, entry.mtime) == ("n" * 199, "l" * 199, 1)
    many = pax(b"mtime=1") * MOST_EXTENSIONS + header("b") + END
    assert [entry.path for entry in Changeset.from_tar(many)] == ["b"]


def test_records_may_say_the_size_of_a_member():
    """As they do for more than 8 GiB: the header's own field is not asked then."""
    archive = pax(b"size=3") + header("a", size=0) + content(b"abc") + header("b") + END
    assert {entry.path: entry.content for entry in Changeset.from_tar(archive)} == {"a": b"abc", "b": b""}


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(format):
    """The oracle, with names and targets of all lengths: none of the checks loses a member."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format) as archive:
        for length in (1, 99, 100, 101, 255, 256, 1000, 9000):
            member = tarfile.TarInfo(f"{length}-" + "é/" * (length // 2))
            member.type, member.linkname, member.mtime = tarfile.SYMTYPE, "t" * length, 1_700_000_000.25
            archive.addfile(member)
    with tarfile.open(fileobj=io.BytesIO(stream.getvalue())) as archive:
        theirs = [(member.name, member.linkname) for member in archive]
    assert [(member.name, member.linkname) for member in CheckedTar(io.BytesIO(stream.getvalue()))] == theirs


@pytest.mark.parametrize("records", [(b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=s")])
def test_a_sparse_file_is_refused_by_its_name(records):
    """It claims no more than it has, but nothing here writes holes: the message says how to write it whole."""
    joined = b"".join(b"%d %s\n" % (len(record) + 4, record) for record in (*records, b"GNU.sparse.realsize=9999"))
    archive = header("pax", tarfile.XHDTYPE, len(joined)) + content(joined)
    archive += header("s", size=1024) + content(b"1\n9990\n9\n") + content(b"last part") + END
    with pytest.raises(InvalidValue, match="sparse file, which is not read here: write it whole"):
        Changeset.from_tar(archive)
