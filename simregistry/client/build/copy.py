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

from simregistry.client.build.added_archive import added_archive
from simregistry.client.build.config_instructions import ExpandedInstruction
from simregistry.client.build.context import with_parents
from simregistry.client.build.dockerfile import Instruction
from simregistry.client.build.heredoc_words import heredoc_word
from simregistry.client.build.path_patterns import copy_pattern
from simregistry.client.build.shell_words import substitute
from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, directory, file
from simregistry.oci.paths import absolute_path, follow_links, name_of, parent_of

Tree = Mapping[str, Entry]
# A part of a path is a pattern if one of these stands in it without a backslash (BuildKit, containsWildcards).
WILDCARD = re.compile(r"(?:[^\\]|\\.)*?[*?\[]", re.S)
# A number of a user or a group has 32 bits. BuildKit takes a larger one for a name.
LARGEST_USER = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Copy:
    """One COPY or ADD: its words with variables put in, the tree to copy from, and the tree that it is copied onto."""

    line: ExpandedInstruction
    args: list[str]
    source: Tree
    below: Tree
    working_dir: str

    @property
    def one(self) -> Instruction:
        """The instruction as it is written."""
        return self.line.one

    def entries(self) -> dict[str, Entry]:
        """Work out the entries that go into the image."""
        if len(self.args) < 2:
            raise self.one.fault(f"{self.one.keyword} needs sources and a destination")
        words, target = self._words()
        # Files of heredocs come last: of two files with one path, the later one stays.
        sources = self._sources(words) + self._heredocs()
        # With a slash at its end the destination is a directory. One that is there already needs no slash.
        folder = target.endswith("/") or target in (".", "..")
        if len(sources) > 1 and not folder:
            raise self.one.fault("with several sources the destination must be a directory and end in /")
        destination = follow_links(absolute_path(target, self.working_dir), self.below)
        entry = self.below.get(destination)
        folder = folder or not destination or (entry is not None and entry.kind == "directory")
        files: dict[str, Entry] = {}
        for path, tree in sources:
            archive = self._archive(path, tree)
            if archive is None:
                files |= self._fitting(self._placed(path, tree, destination, folder))
            else:
                files |= self._unpacked(archive, destination)
        return files

    def _words(self) -> tuple[list[str], str]:
        """Return the sources that are no heredocs, and the destination."""
        *written, target = self.one.args.split() if self.one.json_form is None else self.one.json_form
        is_heredoc = heredoc_word if self.one.json_form is None else (lambda _: None)
        if is_heredoc(target):
            raise self.one.fault(f"{self.one.keyword} needs a destination after its heredocs")
        sources = [word for text, word in zip(written, self.args, strict=False) if not is_heredoc(text)]
        if "<<" in sources:
            raise self.one.fault(f"{self.one.keyword} takes no space after <<; write <<{sources[-1]}")
        return sources, self.args[-1]

    def _heredocs(self) -> list[tuple[str, dict[str, Entry]]]:
        """Make a file of each heredoc. A quoted one keeps its dollar signs."""
        files = []
        for heredoc in self.one.heredocs:
            content = heredoc.content if heredoc.quoted else self._substituted(heredoc.content)
            files.append((heredoc.name, {"": self._owned(file(heredoc.name, content))}))
        return files

    def _substituted(self, content: str) -> str:
        """Put variables into a heredoc."""
        try:
            return substitute(content, self.line.variables)
        except InvalidValue as error:
            raise self.one.fault(f"the heredoc {error.rule}") from None

    def _sources(self, sources: list[str]) -> list[tuple[str, dict[str, Entry]]]:
        """Find what each source names: its path, and the entries at and below it, by their path from there.

        A pattern may match nothing. BuildKit then copies nothing and goes on (convert_copy.go, AllowEmptyWildcard);
        the builder before it stopped. So ``COPY package.json yarn.lock* ./`` works with and without a lock file.
        """
        named = []
        for source in sources:
            if re.match(r"[a-z+]+://|git@", source):
                raise self.one.fault("nothing is fetched from the network here; put the file into the context")
            paths = self._matching(absolute_path(source))
            named += [(path, self._below(follow_links(path, self.source))) for path in paths]
        return named

    def _matching(self, source: str) -> list[str]:
        """List the paths that a source stands for: those that match it if it is a pattern, else itself."""
        parts = source.split("/")
        first = next((number for number, part in enumerate(parts) if WILDCARD.match(part)), None)
        if first is not None:
            # Links are followed up to the first part with a wildcard in it; that part and the rest are the pattern.
            folder = follow_links("/".join(parts[:first]), self.source)
            prefix = f"{folder}/" if folder else ""
            try:
                pattern = copy_pattern("/".join(parts[first:]))
            except InvalidValue as error:
                raise self.one.fault(f"the pattern {source!r} {error.rule}") from None
            inside = (path for path in self.source if path.startswith(prefix))
            return sorted(path for path in inside if pattern.matches(path.removeprefix(prefix)))
        real = follow_links(source, self.source)
        if not real or real in self.source:
            return [source]
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
        if "" in source:
            target = f"{destination}/{name_of(path)}".strip("/") if folder else destination
            return self._with_folders({target: replace(source[""], path=target)})
        placed = {f"{destination}/{inside}".strip("/"): entry for inside, entry in source.items()}
        files = {target: replace(entry, path=target) for target, entry in placed.items()}
        return self._with_folders(files, destination)

    def _with_folders(self, files: dict[str, Entry], destination: str = "") -> dict[str, Entry]:
        """Add the directories that files lie in, with the owner and the mode that the flags give.

        fsutil, copy.go: what COPY creates on the way to its destination gets --chown and --chmod too.
        """
        made = with_parents(files | ({destination: directory(destination)} if destination else {}))
        return {path: entry if path in files else self._owned(entry) for path, entry in made.items()}

    def _archive(self, path: str, source: dict[str, Entry]) -> dict[str, Entry] | None:
        """Open a source that ADD unpacks: the one thing that ADD does and COPY does not."""
        if self.one.keyword != "ADD" or "" not in source or source[""].kind != "file":
            return None
        try:
            return added_archive(source[""].content)
        except InvalidValue as error:
            raise self.one.fault(f"the archive {path!r} {error.rule}") from None

    def _unpacked(self, archive: dict[str, Entry], destination: str) -> dict[str, Entry]:
        """Put the entries of an archive into the image, through the links that it has.

        What the archive brings wins, entry by entry, as with ``tar -x`` (Dockerfile reference, ADD). --chown counts for
        all of it, --chmod for nothing (BuildKit, unpack.go).
        """
        # Debian's /bin is a link to usr/bin, and bin/tool of an archive goes to usr/bin/tool. moby/go-archive does so
        # if the archive lists no directory bin/. If it does, go-archive puts that directory in the link's place, and
        # the image loses its /bin (moby/moby#35105). Here the link stays then too, as with GNU tar's option
        # --keep-directory-symlink.
        folders = with_parents({destination: directory(destination)} if destination else {})
        files = {path: self._chowned(entry) for path, entry in folders.items()}
        for inside, entry in archive.items():
            target = f"{destination}/{inside}".strip("/")
            real = follow_links(target, self.below)
            linked = self.below.get(real)
            if entry.kind != "directory" or linked is None or linked.kind != "directory":
                real = f"{follow_links(parent_of(target), self.below)}/{name_of(target)}".strip("/")
            files[real] = self._chowned(replace(entry, path=real))
        return with_parents(files)

    def _fitting(self, files: dict[str, Entry]) -> dict[str, Entry]:
        """Refuse to put a file in a directory's place, or a directory in a file's, as BuildKit does."""
        for path, entry in files.items():
            below = self.below.get(path)
            if below is not None and (below.kind == "directory") != (entry.kind == "directory"):
                raise self.one.fault(f"cannot copy a {entry.kind} to /{path}: the image has a {below.kind} there")
        return files

    def _owned(self, entry: Entry) -> Entry:
        """Apply --chmod and --chown."""
        mode = self.line.flag("chmod")
        if mode and entry.kind != "symlink":
            if not re.fullmatch(r"[0-7]{1,5}", mode) or int(mode, 8) > 0o7777:
                raise self.one.fault("--chmod takes an octal mode, such as 755")
            entry = replace(entry, mode=int(mode, 8))
        return self._chowned(entry)

    def _chowned(self, entry: Entry) -> Entry:
        """Apply --chown."""
        owner = self.line.flag("chown")
        if not owner:
            return entry
        user, _, group = owner.partition(":")
        uid = self._number(user, "etc/passwd")
        # Dockerfile reference, "--chown": "Providing a username without groupname or a UID without GID will use the
        # same numeric UID as the GID."
        return replace(entry, uid=uid, gid=self._number(group, "etc/group") if group else uid)

    def _number(self, name: str, table: str) -> int:
        """Look up a user's or a group's number in the image's own table."""
        if (number := _user_number(name)) is not None:
            return number
        names = self.below[table].content.decode("utf-8", "replace") if table in self.below else "root:x:0:"
        for line in names.splitlines():
            fields = line.split(":")
            if fields[0] == name and len(fields) > 2 and (number := _user_number(fields[2])) is not None:
                return number
        shown = name if len(name) <= 40 else f"{name[:37]}..."
        raise self.one.fault(f"--chown: the image's /{table} has no {shown!r}; give a number up to {LARGEST_USER:,}")


def _user_number(text: str) -> int | None:
    """Read a user's number; return None for anything else."""
    is_number = re.fullmatch("[0-9]{1,10}", text) and int(text) <= LARGEST_USER
    return int(text) if is_number else None
