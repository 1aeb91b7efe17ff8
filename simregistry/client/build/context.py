"""The build context: the files that a Dockerfile may copy, without those that .dockerignore leaves out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from simregistry.client.build.path_patterns import PathPattern, ignore_pattern
from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, directory, file, symlink
from simregistry.oci.paths import absolute_path, parents

Tree = dict[str, Entry]
IgnoreRule = tuple[bool, PathPattern]


def context_files(context: Mapping[str, bytes | str] | Path, dockerfile_name: str = "Dockerfile") -> Tree:
    """Read a context, which is a folder or a dict of paths to contents, into entries by path.

    What .dockerignore names is not read at all. It may name the Dockerfile and itself too: the builder has them
    anyway, but COPY cannot reach them (Dockerfile reference, ".dockerignore file"). A Dockerfile may have an ignore
    file of its own, such as web.Dockerfile.dockerignore. Then it is read, and .dockerignore isn't (Docker's manual,
    "Build context": "takes precedence").

    >>> sorted(context_files({"app.py": "x", "secret.env": "y", ".dockerignore": "*.env"}))
    ['.dockerignore', 'app.py']
    """
    if isinstance(context, Path):
        return with_parents(_folder(context, dockerfile_name))
    if not isinstance(context, Mapping):
        rule = "must be a dict of paths to contents, or a pathlib.Path of a folder"
        raise InvalidValue("context", context, rule)
    tree = _mapping(context)
    own = absolute_path(f"{dockerfile_name}.dockerignore")
    name = own if own in tree else ".dockerignore"
    rules = parse_ignore(tree[name].content) if name in tree else []
    return with_parents({path: entry for path, entry in tree.items() if not ignored(path, rules)})


def _mapping(context: Mapping[str, bytes | str]) -> Tree:
    """Read a dict of paths to contents."""
    tree: Tree = {}
    for path, content in context.items():
        if not isinstance(content, bytes | str):
            raise InvalidValue("context", path, f"its content must be bytes or text, not {type(content).__name__}")
        try:
            entry = file(path.removeprefix("./").lstrip("/"), content)
        except UnicodeEncodeError:
            raise InvalidValue("context", path, "has half a character (a lone surrogate) in its path or text") from None
        if entry.path in tree:
            raise InvalidValue("context", path, "is there twice")
        tree[entry.path] = entry
    for path in sorted(parents_of(tree) & tree.keys()):
        raise InvalidValue("context", path, "cannot be both a file and a directory")
    return tree


def parents_of(tree: Tree) -> set[str]:
    """List the directories that files lie in.

    >>> sorted(parents_of({"a/b/c": file("a/b/c")}))
    ['a', 'a/b']
    """
    directories: set[str] = set()
    for path in tree:
        for parent in parents(path):
            # A directory that was met before brought the ones above it.
            if parent in directories:
                break
            directories.add(parent)
    return directories


def with_parents(tree: Tree) -> Tree:
    """Add the directories that files lie in."""
    whole = {parent: directory(parent) for parent in parents_of(tree)} | tree
    return dict(sorted(whole.items()))


def _folder(folder: Path, dockerfile_name: str) -> Tree:
    """Read a folder of this machine."""
    if not folder.is_dir():
        raise InvalidValue("context", str(folder), "isn't a folder")
    own = folder / f"{dockerfile_name}.dockerignore"
    rule_file = own if own.is_file() else folder / ".dockerignore"
    tree: Tree = {}
    try:
        rules = parse_ignore(rule_file.read_bytes()) if rule_file.is_file() else []
        # Subtle: rglob does not enter linked directories, so nothing can be below a link.
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if not ignored(name, rules):
                tree[name] = _entry(path, name)
    except OSError as error:
        raise InvalidValue("context", error.filename, f"cannot be read ({error.strerror})") from None
    return tree


def _entry(path: Path, name: str) -> Entry:
    """Read one file, directory or link of a folder."""
    if path.is_symlink():
        # Kept as a link and never followed: what it points at may lie outside of the context.
        return symlink(name, str(path.readlink()))
    if path.is_dir():
        return directory(name)
    if path.is_file():
        return file(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
    raise InvalidValue("context", name, "is neither file, directory nor link; name it in .dockerignore")


def parse_ignore(text: str | bytes) -> list[IgnoreRule]:
    """Read .dockerignore: its rules in order, each as (keep?, pattern). The last one that matches decides.

    A line is a comment if ``#`` is its first character; with a space before it, it names a file (moby/patternmatcher,
    ignorefile.go: "Lines starting with # (comments) are ignored before processing").
    """
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    rules = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        bang = "!" if pattern.startswith("!") else ""
        # Cleaned twice, as in Docker: by the reader of the file, without its ! and its first slash, and by the matcher.
        pattern = posixpath.normpath((bang + _cleaned(pattern.removeprefix(bang).strip())).strip())
        keep = pattern.startswith("!")
        if pattern == "!":
            raise InvalidValue(".dockerignore", line, "has ! without a pattern; write !PATTERN to keep what it matches")
        try:
            rules.append((keep, ignore_pattern(pattern[keep:])))
        except InvalidValue as error:
            raise InvalidValue(".dockerignore", line, error.rule) from None
    return rules


def _cleaned(pattern: str) -> str:
    """Write a pattern in its shortest form, as Go's filepath.Clean does: /x/../y/ is y.

    One that leads out of the context, such as ../a, stays as it is and matches nothing.
    """
    # Subtle: normpath keeps two slashes at the beginning, which mean something on other systems.
    clean = posixpath.normpath(re.sub("^/+", "/", pattern)) if pattern else ""
    return clean.removeprefix("/") or clean


def ignored(path: str, rules: list[IgnoreRule]) -> bool:
    """Say whether a path is left out. The last rule decides that matches it, or a directory that it lies in."""
    out = False
    for keep, pattern in rules:
        # A rule that would change nothing need not be asked.
        if keep == out and pattern.matches(path, or_a_parent=True):
            out = not keep
    return out
