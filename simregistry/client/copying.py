"""COPY and ADD: which files go where, by the rules of the Dockerfile reference."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace

from simregistry.client.context import glob_pattern, with_parents
from simregistry.client.dockerfile import Instruction, substitute
from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, directory, file
from simregistry.oci.layer import Changeset
from simregistry.oci.rootfs import stack

Tree = Mapping[str, Entry]


def copied(
    one: Instruction, args: str, source: Tree, below: Tree, working_dir: str, variables: dict[str, str]
) -> dict[str, Entry]:
    """Give the entries that a COPY or ADD puts into the image."""
    form = replace(one, args=args).json_form
    words = (
        list(form)
        if form is not None
        else shlex.split(args, posix=True)
        if "'" in args or '"' in args
        else args.split()
    )
    if len(words) < 2:
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: {one.keyword} needs sources and a destination")
    *sources, target = words
    found = _heredoc_files(one, sources, variables) if one.heredocs else _sources(one, sources, source)
    into = target.endswith("/") or target in (".", "..") or len(found) > 1
    if len(found) > 1 and not (target.endswith("/") or target in (".", "./")):
        rule = f"line {one.line}: with several sources the destination must be a directory and end in /"
        raise InvalidValue("Dockerfile", str(one), rule)
    destination = absolute(target, working_dir)
    into = into or (destination in below and below[destination].kind == "directory") or not destination
    files: dict[str, Entry] = {}
    for path, tree in found:
        files |= _placed(one, path, tree, destination, into)
    mode = _mode(one)
    if mode is not None:
        files = {p: replace(e, mode=mode) if e.kind == "file" else e for p, e in files.items()}
    return with_parents(files)


def absolute(path: str, working_dir: str) -> str:
    """Resolve a path of the image against its working directory; gives it without the leading slash.

    >>> absolute("src/../app/", "/srv")
    'srv/app'
    """
    parts: list[str] = [] if path.startswith("/") else [part for part in working_dir.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _sources(one: Instruction, sources: list[str], tree: Tree) -> list[tuple[str, dict[str, Entry]]]:
    """Find what each source names: (its path, the entries at and below it, by path relative to it)."""
    found = []
    for source in sources:
        if re.match(r"[a-z+]+://|git@", source):
            rule = f"line {one.line}: nothing is fetched from the network here; put the file into the context"
            raise InvalidValue("Dockerfile", source, rule)
        wanted = absolute(source, "/")
        matches = [""] if not wanted else [p for p in tree if p == wanted] or _matching(wanted, tree)
        if not matches:
            have = ", ".join(sorted(tree)[:8]) or "nothing"
            rule = f"line {one.line}: no such file in the context; it has {have}"
            raise InvalidValue("Dockerfile", source, rule)
        found += [(match, _below(match, tree)) for match in matches]
    return found


def _matching(wanted: str, tree: Tree) -> list[str]:
    if not any(ch in wanted for ch in "*?["):
        return []
    pattern = glob_pattern(wanted)
    return sorted(path for path in tree if pattern.fullmatch(path))


def _below(path: str, tree: Tree) -> dict[str, Entry]:
    """Give a file as it is, or all that a directory holds, by the path from that directory."""
    if path and tree[path].kind != "directory":
        return {"": tree[path]}
    prefix = f"{path}/" if path else ""
    return {p.removeprefix(prefix): e for p, e in tree.items() if p.startswith(prefix)}


def _placed(one: Instruction, path: str, found: dict[str, Entry], destination: str, into: bool) -> dict[str, Entry]:
    """Put what was found at its destination.

    Dockerfile reference, COPY: "If the source is a directory, the contents of the directory are copied … The directory
    itself isn't copied, only its contents."
    """
    if one.keyword == "ADD" and "" in found and _is_archive(found[""].content):
        found = dict(stack([Changeset.from_blob(found[""].content)]))
    if "" in found:
        name = path.rpartition("/")[2]
        target = f"{destination}/{name}".strip("/") if into else destination
        return {target: replace(found[""], path=target)}
    placed = {f"{destination}/{p}".strip("/"): e for p, e in found.items()}
    root = {destination: directory(destination)} if destination else {}
    return root | {p: replace(e, path=p) for p, e in placed.items()}


def _is_archive(content: bytes) -> bool:
    try:
        return len(Changeset.from_blob(content)) > 0
    except InvalidValue:
        return False


def _heredoc_files(
    one: Instruction, sources: list[str], variables: dict[str, str]
) -> list[tuple[str, dict[str, Entry]]]:
    found = []
    for heredoc in one.heredocs:
        text = heredoc.content if heredoc.quoted else substitute(heredoc.content, variables)
        found.append((heredoc.name, {"": file(heredoc.name, text)}))
    if any(not source.startswith("<<") for source in sources):
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: mix no files with heredocs; use two instructions")
    return found


def _mode(one: Instruction) -> int | None:
    text = one.flags.get("chmod")
    if text is None:
        return None
    if not re.fullmatch(r"0?[0-7]{3,4}", text):
        raise InvalidValue("Dockerfile", str(one), f"line {one.line}: --chmod takes an octal mode, such as 755")
    return int(text, 8)
