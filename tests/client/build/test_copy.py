"""COPY and ADD: which files go where."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from simregistry.client.client import Client
from simregistry.errors import InvalidValue

CONTEXT = {"a.txt": "A", "b.txt": "B", "d/c.txt": "C", "d/e/f.txt": "F"}


def tree(lines: str, context: dict[str, str | bytes] | Path = CONTEXT):
    """What an image holds that is built from nothing by these lines."""
    laptop = Client()
    laptop.build("app:v1", f"FROM scratch\n{lines}\n", context)
    return laptop.rootfs("app:v1")


def files(lines: str, context: dict[str, str | bytes] | Path = CONTEXT) -> dict[str, bytes]:
    """Its regular files."""
    return {path: entry.content for path, entry in tree(lines, context).items() if entry.kind == "file"}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY a.txt /x", {"x": b"A"}),
        ("COPY a.txt /x/", {"x/a.txt": b"A"}),
        ("COPY a.txt b.txt /x/", {"x/a.txt": b"A", "x/b.txt": b"B"}),
        ("COPY *.txt /x/", {"x/a.txt": b"A", "x/b.txt": b"B"}),
        ("COPY a.txt lock* ./", {"a.txt": b"A"}),
        ("COPY *.py /x/", {}),
        ("COPY d/**/f.txt **.txt /x/", {"x/a.txt": b"A", "x/b.txt": b"B", "x/f.txt": b"F"}),
        ("COPY **/f.txt b.txt /x/", {"x/b.txt": b"B"}),
        ("COPY [!a].txt /x/", {"x/a.txt": b"A"}),
        ("COPY [^a].txt /x/", {"x/b.txt": b"B"}),
        ("COPY <<same a.txt <<a.txt /x/\none\nsame\ntwo\na.txt", {"x/same": b"one\n", "x/a.txt": b"two\n"}),
        ("ARG V=1\nCOPY <<end /x\nC:\\\\$V \\t \\\nlast\nend", {"x": b"C:\\1 t \nlast\n"}),
        ("COPY d /x", {"x/c.txt": b"C", "x/e/f.txt": b"F"}),
        ("COPY d/* /x/", {"x/c.txt": b"C", "x/f.txt": b"F"}),
        ("COPY . /", {"a.txt": b"A", "b.txt": b"B", "d/c.txt": b"C", "d/e/f.txt": b"F"}),
        ("COPY ../../a.txt /", {"a.txt": b"A"}),
        ('COPY ["a.txt", "/with space/"]', {"with space/a.txt": b"A"}),
        ("WORKDIR /w\nCOPY a.txt .", {"w/a.txt": b"A"}),
        ("WORKDIR /w\nCOPY a.txt ../v/", {"v/a.txt": b"A"}),
        ("COPY d/e /x\nCOPY a.txt /x", {"x/f.txt": b"F", "x/a.txt": b"A"}),
        ("COPY <<here /x\nhi\nhere", {"x": b"hi\n"}),
        ("COPY <<one a.txt <<two /x/\n1\none\n2\ntwo", {"x/a.txt": b"A", "x/one": b"1\n", "x/two": b"2\n"}),
        ("ARG V=1\nCOPY <<one /x\n$V \"$V\"\none\nCOPY <<'two' /y\n$V\ntwo", {"x": b'1 "1"\n', "y": b"$V\n"}),
        ("ENV N=a\nCOPY $N.txt /$N", {"a": b"A"}),
    ],
)  # fmt: skip
def test_copy_puts_files_where_docker_does(copy, expected):
    """File to file, to directory, wildcards, the content of a directory."""
    assert files(copy) == expected


@pytest.mark.parametrize(
    ("copy", "rule"),
    [
        ("COPY nothing /x", "no file 'nothing'; the context has a.txt, b.txt, d/c.txt, d/e/f.txt"),
        ("COPY [b-]* /x/", "the pattern '[b-]*' has a [range] that cannot be read"),
        ("COPY << end /x\nend", "takes no space after <<; write <<end"),
        ("COPY a.txt <<end\nend", "needs a destination after its heredocs"),
        ("COPY --chown=70000000000 a.txt /", "give a number up to 4,294,967,295"),
        ("COPY a.txt", "needs sources and a destination"),
        ("COPY a.txt b.txt /x", "must be a directory and end in /"),
        ("ADD https://a.example/x /", "nothing is fetched"),
        ("COPY --chmod=rwx a.txt /", "takes an octal mode"),
        ("COPY --chown=me a.txt /", "has no 'me'; give a number"),
        ("COPY a.txt /x\nCOPY d /x", "cannot copy a directory to /x: the image has a file there"),
        ("COPY d /x\nCOPY a.txt /x/e\nCOPY <<e /x/\ne", "cannot copy a file to /x/e: the image has a directory there"),
        ("RUN x\nFROM scratch\nCOPY --from=0 a.txt /", "0 has var/lib/simregistry/run/"),
    ],
)
def test_what_cannot_be_copied_is_said(copy, rule):
    """With what there is instead."""
    with pytest.raises(InvalidValue) as refusal:
        files(copy)
    assert rule in refusal.value.rule


def test_what_dockerignore_names_cannot_be_copied():
    """And a directory of which something is kept is still there to copy."""
    context = CONTEXT | {".dockerignore": "*\n!d/e\n"}
    assert list(files("COPY . /", context)) == ["d/e/f.txt"]
    assert list(files("COPY d /", context)) == ["e/f.txt"]
    with pytest.raises(InvalidValue, match=r"no file 'a.txt'; the context has d/e/f.txt"):
        files("COPY a.txt /", context)


def test_mode_and_owner_are_those_of_the_flags():
    """By number, or by name where the image knows it; the group is that of the user unless it is given."""
    users = {"etc/passwd": "root:x:0:0::/:\napp:x:1000:1000::/:\n", "etc/group": "staff:x:50:\n", "x": ""}
    lines = "COPY etc /etc\nCOPY --chmod=755 --chown=app x /1\nCOPY --chown=7 x /2\nCOPY --chown=app:staff x /3"
    found = tree(lines, users)
    assert [(found[p].mode, found[p].uid, found[p].gid) for p in "123"] == [
        (0o755, 1000, 1000), (0o644, 7, 7), (0o644, 1000, 50),
    ]  # fmt: skip


def test_variables_and_quotes_in_flags_are_read():
    """As in every other word of the line; and what is made on the way has the same owner and mode."""
    lines = "ENV WHO=33 BITS=0750\nARG TEAM=44\nCOPY --chown=\"$WHO:${TEAM}\" --chmod='${BITS}' a.txt /new/dir/"
    found = tree(lines)
    assert [(path, entry.uid, entry.gid, entry.mode) for path, entry in found.items()] == [
        ("new", 33, 44, 0o750), ("new/dir", 33, 44, 0o750), ("new/dir/a.txt", 33, 44, 0o750),
    ]  # fmt: skip
    laptop = Client()
    laptop.build("app:v1", f"FROM scratch\n{lines}\n", CONTEXT)
    history = laptop.config("app:v1").history
    assert history[-1].created_by == "COPY --chown=33:44 --chmod=0750 a.txt /new/dir/ # buildkit"


def test_a_pattern_begins_where_the_links_before_it_lead(tmp_path):
    """And a name that looks like a pattern is one: Go's way to write a bracket is [[]."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "one.c").write_text("1")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "[id].ts").write_text("I")
    (tmp_path / "d.ts").write_text("D")
    assert files("COPY link/*.c /x/", tmp_path) == {"x/one.c": b"1"}
    assert files("COPY [id].ts /x/", tmp_path) == {"x/d.ts": b"D"}
    assert files("COPY [[]id].ts /x/", tmp_path) == {"x/[id].ts": b"I"}


def test_a_file_goes_where_the_images_links_lead(tmp_path):
    """Debian's /lib is a link to usr/lib: it stays one, and the file lies behind it."""
    (tmp_path / "root" / "usr" / "lib").mkdir(parents=True)
    (tmp_path / "root" / "lib").symlink_to("usr/lib")
    (tmp_path / "new.so").write_text("N")
    found = tree("COPY root /\nCOPY new.so /lib/", tmp_path)
    assert (found["lib"].kind, found["usr/lib/new.so"].content) == ("symlink", b"N")


def test_a_link_is_followed_as_a_source_and_kept_inside_a_directory(tmp_path):
    """Followed inside the context alone: one that leads out leads nowhere."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "real").write_text("R")
    (tmp_path / "d" / "link").symlink_to("real")
    (tmp_path / "out").symlink_to("/etc/hostname")
    found = tree("COPY d/link /x\nCOPY d /d", tmp_path)
    assert (found["x"].content, found["d/link"].kind) == (b"R", "symlink")
    with pytest.raises(InvalidValue, match="no file 'out'"):
        tree("COPY out /x", tmp_path)
    with pytest.raises(InvalidValue, match="a link leads to 'etc/hostname', which is not there"):
        tree("COPY o* /x", tmp_path)


def test_a_copy_that_changes_nothing_still_is_a_layer():
    """The same file once more, and its bytes once more."""
    laptop = Client()
    report = laptop.build("app:v1", "FROM scratch\nCOPY a.txt /\nCOPY a.txt /\n", CONTEXT)
    first, second = report.manifest.layers
    assert first == second


def test_add_unpacks_an_archive_and_copy_does_not():
    """The one difference that people meet."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        header = tarfile.TarInfo("inside.txt")
        header.size = 1
        archive.addfile(header, io.BytesIO(b"I"))
    context = {"a.tar.gz": stream.getvalue(), "a.txt": "A"}
    assert files("ADD a.tar.gz a.txt /x/", context) == {"x/inside.txt": b"I", "x/a.txt": b"A"}
    assert list(files("COPY a.tar.gz /x/", context)) == ["x/a.tar.gz"]
