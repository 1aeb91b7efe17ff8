"""COPY and ADD: which files go where, by the rules of the Dockerfile reference.

1. Of a directory its content is copied, not the directory itself.
2. A link on the way to a source or a destination is followed inside its tree, never out of it; a link inside a copied
   directory stays a link.
3. What the layer holds is what was copied, also where the image has the same file already: the layer costs its bytes.
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
    """One COPY or ADD at its place: its words with variables put in, where from, and onto what."""

    one: Instruction
    args: list[str]
    source: Tree
    below: Tree
    working_dir: str
    variables: Mapping[str, str]

    def entries(self) -> dict[str, Entry]:
        """Give the entries that go into the image."""
        if len(self.args) < 2:
            raise self.one.fault(f"{self.one.keyword} needs sources and a destination")
        *sources, target = self.args
        found = self._heredocs() + self._sources([s for s in sources if not HEREDOC.fullmatch(s)])
        folder = target.endswith("/") or target in (".", "..")
        if len(found) > 1 and not folder:
            raise self.one.fault("with several sources the destination must be a directory and end in /")
        destination = follow_links(absolute_path(target, self.working_dir), self.below)
        there = self.below.get(destination)
        folder = folder or not destination or (there is not None and there.kind == "directory")
        files: dict[str, Entry] = {}
        for path, tree in found:
            files |= self._placed(path, tree, destination, folder)
        return self._fitting(with_parents(files))

    def _heredocs(self) -> list[tuple[str, dict[str, Entry]]]:
        found = []
        for heredoc in self.one.heredocs:
            text = heredoc.content if heredoc.quoted else substitute(heredoc.content, self.variables)
            found.append((heredoc.name, {"": self._owned(file(heredoc.name, text))}))
        return found

    def _sources(self, sources: list[str]) -> list[tuple[str, dict[str, Entry]]]:
        """Find what each source names: (its path, the entries at and below it, by path relative to it)."""
        found = []
        for source in sources:
            if re.match(r"[a-z+]+://|git@", source):
                raise self.one.fault("nothing is fetched from the network here; put the file into the context")
            wanted = absolute_path(source)
            matches = self._matching(wanted)
            found += [(match, self._below(follow_links(match, self.source))) for match in matches]
        if not found and not self.one.heredocs:
            raise self.one.fault(f"no file matches {' '.join(sources)}; {self._have()}")
        return found

    def _matching(self, wanted: str) -> list[str]:
        real = follow_links(wanted, self.source)
        if not real or real in self.source:
            return [wanted]
        if any(character in wanted for character in WILDCARDS):
            # A pattern may match nothing beside a source that is there: COPY package.json yarn.lock* ./
            pattern = glob_pattern(wanted)
            return sorted(path for path in self.source if pattern.fullmatch(path))
        raise self.one.fault(f"no file {wanted!r}; {self._have()}")

    def _have(self) -> str:
        where = f"{self.one.flags['from']} has" if "from" in self.one.flags else "the context has"
        files = sorted(path for path, entry in self.source.items() if entry.kind != "directory")
        more = f" and {len(files) - 8:,} more" if len(files) > 8 else ""
        return f"{where} {', '.join(files[:8]) or 'no file'}{more}"

    def _below(self, path: str) -> dict[str, Entry]:
        """Give a file as it is, or all that a directory holds, by the path from that directory."""
        if path and path not in self.source:
            raise self.one.fault(f"a link leads to {path!r}, which is not there; {self._have()}")
        if path and self.source[path].kind != "directory":
            return {"": self._owned(self.source[path])}
        prefix = f"{path}/" if path else ""
        return {p.removeprefix(prefix): self._owned(e) for p, e in self.source.items() if p.startswith(prefix)}

    def _placed(self, path: str, found: dict[str, Entry], destination: str, folder: bool) -> dict[str, Entry]:
        """Put what was found at its destination.

        Dockerfile reference, COPY: "If the source is a directory, the contents of the directory are copied … The
        directory itself isn't copied, only its contents."
        """
        if self.one.keyword == "ADD" and "" in found and _is_archive(found[""].content):
            found = dict(stack([Changeset.from_blob(found[""].content)]))
        if "" in found:
            target = f"{destination}/{name_of(path)}".strip("/") if folder else destination
            return {target: replace(found[""], path=target)}
        placed = {f"{destination}/{p}".strip("/"): e for p, e in found.items()}
        root = {destination: directory(destination)} if destination else {}
        return root | {p: replace(e, path=p) for p, e in placed.items()}

    def _fitting(self, files: dict[str, Entry]) -> dict[str, Entry]:
        """Refuse what would put a file in a directory's place or the other way, as BuildKit does."""
        for path, entry in files.items():
            there = self.below.get(path)
            if there is not None and (there.kind == "directory") != (entry.kind == "directory"):
                raise self.one.fault(f"cannot copy a {entry.kind} to /{path}: the image has a {there.kind} there")
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
        if name.isdecimal():
            return int(name)
        known = self.below[table].content.decode("utf-8", "replace") if table in self.below else "root:x:0:"
        for line in known.splitlines():
            fields = line.split(":")
            if fields[0] == name and len(fields) > 2 and fields[2].isdecimal():
                return int(fields[2])
        raise self.one.fault(f"--chown: the image's /{table} has no {name!r}; give a number")


def _is_archive(content: bytes) -> bool:
    try:
        return len(Changeset.from_blob(content)) > 0
    except InvalidValue:
        return False
