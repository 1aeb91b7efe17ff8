"""The build context: dicts, folders, and what .dockerignore leaves out."""

from __future__ import annotations

import socket

import pytest

from simregistry.client.build.context import context_files, ignored, parse_ignore
from simregistry.client.client import Client
from simregistry.client.docker_commands import run_docker
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
        ("../x", [], ["x"]),
        ("[!a]", ["a", "!"], ["b"]),
        ("[^a]*", ["b"], ["a", "ab"]),
        ("a**", ["a", "ab", "ab/c"], ["ba"]),
        ("**b", ["b", "ab", "c/ab"], ["ba", "a/c"]),
        ("**?b", ["ab", "c/ab"], ["b", "aab"]),
        (" # x\n", ["# x"], ["x"]),
        ("#x\n", [], ["#x", "x"]),
        ("*\n! a\n", ["b"], ["a"]),
        ("a\n\u2028b\r\n", ["a", "\u2028b".strip()], ["c"]),
    ],
)
def test_dockerignore_leaves_out_what_docker_does(rules, out, kept):
    """The last rule that matches decides; a rule for a directory covers what is in it."""
    parsed = parse_ignore(rules)
    assert all(ignored(path, parsed) for path in out)
    assert not any(ignored(path, parsed) for path in kept)


@pytest.mark.parametrize("line", ["!", "! ", "!/", "[", "a[", "[-x]", "[x-]", "[b-", "x\\", "[]"])
def test_a_rule_that_cannot_be_read_is_named(line):
    """Docker refuses the same ones: a build that ignores other files than one thinks would be worse."""
    with pytest.raises(InvalidValue, match=r"^\.dockerignore"):
        parse_ignore(f"fine\n{line}\n")


def test_a_dockerfile_may_have_an_ignore_file_of_its_own(tmp_path):
    """It goes before the general one, and a Dockerfile without one has the general one."""
    texts = {"api/Containerfile.dockerignore": "c\n", ".dockerignore": "b\n", "b": "", "c": ""}
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    for context in (texts, tmp_path):
        assert {"b", "c"} & context_files(context, "./api/Containerfile").keys() == {"b"}
        assert {"b", "c"} & context_files(context).keys() == {"c"}
        laptop = Client()
        laptop.build("app:v1", "FROM scratch\nCOPY ? /\n", context, dockerfile_name="api/Containerfile")
        assert list(laptop.rootfs("app:v1")) == ["b"]


def test_the_docker_command_reads_the_ignore_file_of_the_dockerfile_that_it_is_given(tmp_path):
    """With -f; and a Dockerfile of bytes that are no text is read as Go reads it."""
    files = {
        "dev.Dockerfile": b"FROM scratch\nLABEL l=\xff\nCOPY [xy] /\n",
        "dev.Dockerfile.dockerignore": b"x",
        "y": b"Y",
    }
    for name, content in (files | {"x": b"X"}).items():
        (tmp_path / name).write_bytes(content)
    laptop = Client()
    run_docker(laptop, f"build -t app:v1 -f dev.Dockerfile {tmp_path}")
    assert list(laptop.rootfs("app:v1")) == ["y"]
    assert laptop.config("app:v1").runtime.labels == {"l": "\ufffd"}


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
    halves = {"\ud800": ""}, {"a": "\udfff"}
    for bad in (
        *halves,
        tmp_path / "nowhere",
        "app.py",
        {"../x": "y"},
        {"a": 7},
        {"a": "", "./a": ""},
        {"a": "", "a/b": ""},
    ):
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
