"""The build context: dicts, folders, and what .dockerignore leaves out."""

from __future__ import annotations

import socket

import pytest

from simregistry.client.build.context import context_files, ignored, parse_ignore
from simregistry.errors import InvalidValue


@pytest.mark.parametrize(
    ("rules", "out", "kept"),
    [
        ("*.log", ["a.log"], ["d/a.log", "a.txt"]),
        ("**/*.log", ["a.log", "d/e/a.log"], ["a.txt"]),
        ("node_modules", ["node_modules", "node_modules/x/y"], ["src/node_modules"]),
        ("/build/\n# comment\n\n", ["build/x"], ["src/build/x"]),
        ("*\n!keep.txt", ["a", "d/b"], ["keep.txt"]),
        ("d\n!d/keep", ["d/x"], ["d/keep"]),
        ("!keep.txt\n*", ["keep.txt"], []),
        ("a?.py", ["ab.py"], ["abc.py", "a/.py"]),
        ("[ab].py", ["a.py"], ["c.py"]),
        ("./x/../y", ["y"], ["x"]),
    ],
)
def test_dockerignore_leaves_out_what_docker_does(rules, out, kept):
    """The last rule that matches decides; a rule for a directory covers what is in it."""
    parsed = parse_ignore(rules)
    assert all(ignored(path, parsed) for path in out)
    assert not any(ignored(path, parsed) for path in kept)


def test_a_dict_of_texts_and_bytes_is_a_context():
    """Directories come with the files in them."""
    assert list(context_files({"./src/app.py": "x", "README": b"y"})) == ["README", "src", "src/app.py"]


def test_a_folder_is_read_and_its_links_are_not_followed(tmp_path):
    """A link out of the context stays a link."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "run.sh").write_text("x")
    (tmp_path / "src" / "run.sh").chmod(0o755)
    (tmp_path / "secret").symlink_to("/etc")
    tree = context_files(tmp_path)
    assert {path: (entry.kind, entry.mode) for path, entry in tree.items()} == {
        "secret": ("symlink", 0o777), "src": ("directory", 0o755), "src/run.sh": ("file", 0o755),
    }  # fmt: skip


def test_a_bad_context_is_refused(tmp_path):
    """No folder; a path that leads out, or is there twice; a content that is none."""
    for bad in (tmp_path / "nowhere", "app.py", {"../x": "y"}, {"a": 7}, {"a": "", "./a": ""}, {"a": "", "a/b": ""}):
        with pytest.raises(InvalidValue):
            context_files(bad)


def test_what_is_ignored_is_not_read(tmp_path):
    """So a socket, which nobody can copy, is in nobody's way once .dockerignore names it."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "control.sock"))
    with server:
        with pytest.raises(InvalidValue, match=r"name it in \.dockerignore"):
            context_files(tmp_path)
        (tmp_path / ".dockerignore").write_text("*.sock\n")
        assert list(context_files(tmp_path)) == [".dockerignore"]


def test_dockerignore_may_name_the_dockerfile_and_itself():
    """The builder has them all the same; COPY cannot reach them."""
    assert list(context_files({"Dockerfile": "", ".dockerignore": "Dockerfile\n.dockerignore\n", "a": ""})) == ["a"]
