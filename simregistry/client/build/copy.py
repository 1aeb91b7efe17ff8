"""COPY and ADD: which files go where, by the rules of the Dockerfile reference.

1. Copying a directory copies what is in it, not the directory itself.
2. A link on the way to a source or a destination is followed inside its tree, never out of it. A link in a copied
   directory stays a link.
3. The layer has every file that was copied, even one that the image has already, and it costs its bytes again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simregistry.client.build.context import with_parents
from simregistry.client.build.dockerfile import HEREDOC, Instruction
from simregistry.client.build.shell_words import substitute
from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, directory, file
from simregistry.oci.globs import WILDCARDS, glob_pattern
from simregistry.oci.layer import Changeset
from simregistry.oci.paths import absolute_path, follow_links, name_of
from simregistry.oci.rootfs import stack

Tree = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Copy:
    """One COPY or ADD: its words with variables put in, the tree to copy from, and the tree that it is copied onto."""

    one: Instruction
    args: list[str]
    source: Tree
    below: Tree
    working_dir: str
    variables: Mapping[str, str]

    def entries(self) -> dict[str, Entry]:
        """Work out the entries that go into the image."""
        if len(self.args) < 2:
            raise self.one.fault(f"{self.one.keyword} needs sources and a destination")
        *words, target = self.args
        sources = self._heredocs() + self._sources([word for word in words if not HEREDOC.fullmatch(word)])
        # With a slash at its end the destination is a directory. One that is there already needs no slash.
        folder = target.endswith("/") or target in (".", "..")
        if len(sources) > 1 and not folder:
            raise self.one.fault("with several sources the destination must be a directory and end in /")
        destination = follow_links(absolute_path(target, self.working_dir), self.below)
        entry = self.below.get(destination)
        folder = folder or not destination or (entry is not None and entry.kind == "directory")
        files: dict[str, Entry] = {}
        for path, tree in sources:
            files |= self._placed(path, tree, destination, folder)
        return self._fitting(with_parents(files))

    def _heredocs(self) -> list[tuple[str, dict[str, Entry]]]:
        """Make a file of each heredoc. A quoted one keeps its dollar signs."""
        files = []
        for heredoc in self.one.heredocs:
            content = heredoc.content if heredoc.quoted else substitute(heredoc.content, self.variables)
            files.append((heredoc.name, {"": self._owned(file(heredoc.name, content))}))
        return files

    def _sources(self, sources: list[str]) -> list[tuple[str, dict[str, Entry]]]:
        """Find what each source names: its path, and the entries at and below it, by their path from there."""
        named = []
        for source in sources:
            if re.match(r"[a-z+]+://|git@", source):
                raise self.one.fault("nothing is fetched from the network here; put the file into the context")
            paths = self._matching(absolute_path(source))
            named += [(path, self._below(follow_links(path, self.source))) for path in paths]
        if not named and not self.one.heredocs:
            raise self.one.fault(f"no file matches {' '.join(sources)}; {self._have()}")
        return named

    def _matching(self, source: str) -> list[str]:
        """List the paths that a source stands for: itself if it is there, else what it matches as a pattern."""
        real = follow_links(source, self.source)
        if not real or real in self.source:
            return [source]
        if any(character in source for character in WILDCARDS):
            # A pattern may match nothing if another source is there: COPY package.json yarn.lock* ./
            pattern = glob_pattern(source)
            return sorted(path for path in self.source if pattern.fullmatch(path))
        raise self.one.fault(f"no file {source!r}; {self._have()}")

    def _have(self) -> str:
        """Say which files there are to copy."""
        where = f"{self.one.flags['from']} has" if "from" in self.one.flags else "the context has"
        files = sorted(path for path, entry in self.source.items() if entry.kind != "directory")
        more = f" and {len(files) - 8:,} more" if len(files) > 8 else ""
        return f"{where} {', '.join(files[:8]) or 'no file'}{more}"

    def _below(self, path: str) -> dict[str, Entry]:
        """Take a file as it is, or all that is in a directory, by the path from that directory."""
        if path and path not in self.source:
            raise self.one.fault(f"a link leads to {path!r}, which is not there; {self._have()}")
        if path and self.source[path].kind != "directory":
            return {"": self._owned(self.source[path])}
        prefix = f"{path}/" if path else ""
        return {p.removeprefix(prefix): self._owned(e) for p, e in self.source.items() if p.startswith(prefix)}

    def _placed(self, path: str, source: dict[str, Entry], destination: str, folder: bool) -> dict[str, Entry]:
        """Put the entries of one source at the destination.

        Dockerfile reference, COPY: "If the source is a directory, the contents of the directory are copied … The
        directory itself isn't copied, only its contents."
        """
        # The one thing that ADD does and COPY does not: it unpacks an archive.
        if self.one.keyword == "ADD" and "" in source and _is_archive(source[""].content):
            source = dict(stack([Changeset.from_blob(source[""].content)]))
        if "" in source:
            target = f"{destination}/{name_of(path)}".strip("/") if folder else destination
            return {target: replace(source[""], path=target)}
        placed = {f"{destination}/{inside}".strip("/"): entry for inside, entry in source.items()}
        root = {destination: directory(destination)} if destination else {}
        return root | {target: replace(entry, path=target) for target, entry in placed.items()}

    def _fitting(self, files: dict[str, Entry]) -> dict[str, Entry]:
        """Refuse to put a file in a directory's place, or a directory in a file's, as BuildKit does."""
        for path, entry in files.items():
            below = self.below.get(path)
            if below is not None and (below.kind == "directory") != (entry.kind == "directory"):
                raise self.one.fault(f"cannot copy a {entry.kind} to /{path}: the image has a {below.kind} there")
        return files

    def _owned(self, entry: Entry) -> Entry:
        """Apply --chmod and --chown."""
        mode = self.one.flags.get("chmod")
        if mode is not None and entry.kind != "symlink":
            if not re.fullmatch(r"[0-7]{1,5}", mode) or int(mode, 8) > 0o7777:
                raise self.one.fault("--chmod takes an octal mode, such as 755")
            entry = replace(entry, mode=int(mode, 8))
        if "chown" in self.one.flags:
            user, _, group = self.one.flags["chown"].partition(":")
            uid = self._number(user, "etc/passwd")
            # Dockerfile reference, "--chown": "Providing a username without groupname or a UID without GID will use
            # the same numeric UID as the GID."
            entry = replace(entry, uid=uid, gid=self._number(group, "etc/group") if group else uid)
        return entry

    def _number(self, name: str, table: str) -> int:
        """Look up a user's or a group's number in the image's own table."""
        if name.isdecimal():
            return int(name)
        names = self.below[table].content.decode("utf-8", "replace") if table in self.below else "root:x:0:"
        for line in names.splitlines():
            fields = line.split(":")
            if fields[0] == name and len(fields) > 2 and fields[2].isdecimal():
                return int(fields[2])
        raise self.one.fault(f"--chown: the image's /{table} has no {name!r}; give a number")


def _is_archive(content: bytes) -> bool:
    """Say whether some bytes are a tar archive with anything in it."""
    try:
        return len(Changeset.from_blob(content)) > 0
    except InvalidValue:
        return False
