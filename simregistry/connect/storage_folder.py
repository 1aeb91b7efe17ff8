"""Read a storage folder of CNCF distribution into an inventory, without changing it and without failing on dirt.

The layout is that of ``registry/storage/paths.go``::

    docker/registry/v2/blobs/<algorithm>/<first two digits>/<hex>/data
    docker/registry/v2/repositories/<name>/_layers/<algorithm>/<hex>/link
                                          /_manifests/revisions/<algorithm>/<hex>/link
                                          /_manifests/tags/<tag>/current/link
                                          /_uploads/<id>/{data, startedat}

A *link* is a small file whose content is a digest. Real folders have more in them: links whose blob is gone, files that
are half written, folders that somebody made. Each of these is reported as a fault, with what the real collector would
do about it; none ends the reading, and none is dropped silently.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from simregistry.connect.stored_manifest import stored_references
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.digest import GRAMMAR, Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.reference import is_repository_name
from simregistry.registry.gc.inventory import Fault, Holding, Inventory, OpenUpload

VERSION_2 = Path("docker", "registry", "v2")
# The real registry's message for a link whose content isn't a digest (opencontainers/go-digest, its errors).
NO_DIGEST = "invalid checksum digest format"
Progress = Callable[[str, int, int], None]


class NotAStorageFolder(SimRegistryError):
    """The path has no registry's storage in it, or can't be read; the message says what was looked for."""


def find_root(path: str | Path) -> Path:
    """Find the ``v2`` folder below or at a path; raise NotAStorageFolder if there is none."""
    given = Path(path)
    # People give the configuration's rootdirectory, or a folder some levels further in.
    for candidate in (given / VERSION_2, given / "v2", given):
        if (candidate / "blobs").is_dir() or (candidate / "repositories").is_dir():
            return candidate
    # A registry that never got a push has an empty v2 folder.
    if (given / VERSION_2).is_dir():
        return given / VERSION_2
    what = "no such folder" if not given.exists() else f"no {VERSION_2.as_posix()} with blobs and repositories in it"
    raise NotAStorageFolder(f"{given}: {what}; give the folder that the registry's configuration calls rootdirectory")


def read_storage(path: str | Path, progress: Progress | None = None) -> Inventory:
    """Read a storage folder; raise NotAStorageFolder if it is none, but never for anything inside it.

    ``progress`` is called with the name of a step, how much of it is done, and how much there is.
    """
    root = find_root(path)
    faults: list[Fault] = []
    try:
        # 1. What is on the shelf: all blobs with their sizes. Only file names and sizes are read, no content.
        blobs = dict(sorted(_blobs(root / "blobs", faults, progress)))
        # 2. What each repository links. Sorted by parts, since "a/b" comes before "a-b" when a collector walks folders.
        names = sorted(_repository_names(root / "repositories", faults), key=lambda name: name.split("/"))
        holdings: dict[str, Holding] = {}
        uploads: list[OpenUpload] = []
        for done, name in enumerate(names, 1):
            holdings[name] = _holding(root / "repositories" / name, name, blobs)
            uploads += _uploads(root / "repositories" / name / "_uploads", name)
            if progress:
                progress("repositories", done, len(names))
    except OSError as error:
        raise NotAStorageFolder(f"{error.filename or path}: {error.strerror}") from error
    # 3. What the manifests name. These are the only blobs whose content is read.
    references, indexes, unreadable = _read_manifests(root / "blobs", holdings, progress)
    return Inventory(blobs, holdings, references, indexes, tuple(uploads), unreadable, tuple(faults))


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """List a folder in the order of names; return nothing if there is no such folder."""
    # scandir, because it tells a folder from a file without asking the disk again for each entry.
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _blobs(folder: Path, faults: list[Fault], progress: Progress | None) -> Iterator[tuple[Digest, int]]:
    """Find each blob and its size. A ``data`` file in a place that no digest has stops the real collectors."""
    if not folder.is_dir():
        faults.append(Fault("blobs", f"Path not found: {Path('/', VERSION_2, 'blobs').as_posix()}", "blobs"))
    for algorithm in _entries(folder):
        prefixes = _entries(algorithm.path)
        for done, prefix in enumerate(prefixes, 1):
            for entry in _entries(prefix.path):
                yield from _blob(entry, algorithm.name, prefix.name, faults)
            if not prefix.is_dir():
                faults.append(Fault(f"blobs/{algorithm.name}/{prefix.name}", "a file where folders are"))
            if progress:
                progress("blobs", done, len(prefixes))
        if not algorithm.is_dir():
            faults.append(Fault(f"blobs/{algorithm.name}", "a file where folders are"))


def _blob(entry: os.DirEntry[str], algorithm: str, prefix: str, faults: list[Fault]) -> Iterator[tuple[Digest, int]]:
    """Look at one blob's folder: yield the blob, or report what is wrong with it."""
    place = f"blobs/{algorithm}/{prefix}/{entry.name}"
    try:
        size = os.stat(os.path.join(entry.path, "data")).st_size
    except (FileNotFoundError, NotADirectoryError):
        faults.append(Fault(place, "no file data: a blob half deleted, or something else"))
        return
    try:
        digest = Digest(f"{algorithm}:{entry.name}")
    except InvalidValue as error:
        faults.append(Fault(place, go_digest_error(f"{algorithm}:{entry.name}") or str(error), "blobs"))
        return
    # A blob in the wrong folder is listed by a collector's walk, though no request ever reaches it.
    if prefix != entry.name[:2]:
        faults.append(Fault(place, f"in the folder {prefix}, not {entry.name[:2]}: the registry does not find it"))
    yield digest, size


def go_digest_error(text: str) -> str:
    """Return the real registry's message for a string that isn't a digest; "" for a digest.

    >>> go_digest_error("sha256:abc")
    'invalid checksum digest length'
    """
    algorithm, _, encoded = text.partition(":")
    if not GRAMMAR.fullmatch(text):
        return NO_DIGEST
    if algorithm not in ("sha256", "sha384", "sha512"):
        return "unsupported digest algorithm"
    if len(encoded) != int(algorithm[3:]) // 4:
        return "invalid checksum digest length"
    return "" if all(letter in "0123456789abcdef" for letter in encoded) else NO_DIGEST


def _repository_names(folder: Path, faults: list[Fault], above: str = "") -> Iterator[str]:
    """Find the repositories as a collector does, by their folder ``_layers`` (registry/storage/catalog.go)."""
    if not above and not folder.is_dir():
        missing = Path("/", VERSION_2, "repositories").as_posix()
        faults.append(Fault("repositories", f"Path not found: {missing}", "repositories"))
    entries = _entries(folder)
    # A name never begins with an underscore, so such folders belong to the repository itself.
    own_folders = {entry.name for entry in entries if entry.name.startswith("_")}
    if above and "_layers" in own_folders:
        yield above
    elif above and own_folders:
        what = f"{', '.join(sorted(own_folders))} but no _layers: no collector takes it for a repository"
        faults.append(Fault(f"repositories/{above}", what))
    # A repository can have others below it: both "team" and "team/app" may be names.
    for entry in entries:
        if entry.name.startswith("_"):
            continue
        name = f"{above}/{entry.name}" if above else entry.name
        # Subtle: a symbolic link could lead in a circle, or out of the storage. It is reported and not followed.
        if entry.is_dir(follow_symlinks=False):
            yield from _repository_names(Path(entry.path), faults, name)
        else:
            faults.append(Fault(f"repositories/{name}", "no folder"))


def _holding(folder: Path, name: str, blobs: dict[Digest, int]) -> Holding:
    """Read what one repository links: manifests (revisions), layers, and tags."""
    faults: list[Fault] = []
    # A folder may have any name, and the real collector ends at the first one that is no repository's.
    if not is_repository_name(name):
        faults.append(Fault(name, f"failed to parse repo name {name}: invalid reference format", "name"))
    revisions = _linked(folder / "_manifests" / "revisions", f"{name}/_manifests/revisions", "manifests", blobs, faults)
    links = _linked(folder / "_layers", f"{name}/_layers", "layers", blobs, faults)
    tags = _tags(folder / "_manifests" / "tags", name, set(revisions), faults)
    return Holding(name, revisions, tags, links, tuple(faults))


def _linked(folder: Path, place: str, stops: str, blobs: dict[Digest, int], faults: list[Fault]) -> tuple[Digest, ...]:
    """Read a folder of links; return the digests whose link is in the right place and whose blob is here.

    ``stops`` names the walk of the real collector that a link without a digest ends.
    """
    linked: dict[Digest, None] = {}
    for path, where in _link_files(str(folder), ""):
        text = _read_link(path)
        if error := go_digest_error(text):
            faults.append(Fault(f"{place}{where}", error, stops))
            continue
        digest = Digest(text)
        # Subtle: a link's path repeats its digest. If the two differ, the real registry believes the content, and then
        # looks for a link at that digest's own path.
        if (
            where != f"/{digest.algorithm}/{digest.encoded}"
            and not (folder / digest.algorithm / digest.encoded).is_dir()
        ):
            faults.append(Fault(f"{place}{where}", f"the link says {digest}, which has no link of its own here"))
        elif digest not in blobs:
            faults.append(Fault(f"{place}{where}", "a link whose blob is not on the shelf"))
        else:
            linked[digest] = None
    return tuple(linked)


def _link_files(folder: str, where: str) -> Iterator[tuple[str, str]]:
    """Find all files named ``link`` below a folder; yield each one's path, and the folder it is in."""
    for entry in _entries(folder):
        # All the way down, since a link may be at any depth: some are where no link should be.
        if entry.is_dir(follow_symlinks=False):
            yield from _link_files(entry.path, f"{where}/{entry.name}")
        elif entry.name == "link":
            yield entry.path, where


def _read_link(path: str) -> str:
    # A digest has at most 135 letters; whatever is longer is no link, and need not be read to its end.
    with open(path, "rb") as file:
        return file.read(200).decode("utf-8", "replace")


def _tags(folder: Path, name: str, revisions: set[Digest], faults: list[Fault]) -> dict[str, Digest] | None:
    """Read what each tag points at now; return None if the repository has no folder of tags."""
    # Subtle: no folder and an empty folder are different. Some versions of the real collector give up at a repository
    # without the folder when they look for untagged manifests.
    if not folder.is_dir():
        return None
    tags: dict[str, Digest] = {}
    for entry in _entries(folder):
        place = f"{name}/_manifests/tags/{entry.name}"
        try:
            text = _read_link(os.path.join(entry.path, "current", "link"))
        except (FileNotFoundError, NotADirectoryError):
            faults.append(Fault(place, "a tag without a current link"))
            continue
        if error := go_digest_error(text):
            faults.append(Fault(place, error, "tags"))
        elif Digest(text) not in revisions:
            faults.append(Fault(place, f"it points at {text}, which isn't a manifest here"))
        else:
            tags[entry.name] = Digest(text)
    return tags


def _uploads(folder: Path, name: str) -> Iterator[OpenUpload]:
    """Find the uploads that were begun and not ended, each with its bytes so far and the time of its start."""
    for entry in _entries(folder):
        data = Path(entry.path, "data")
        # An upload whose start can't be read is reported all the same, as one without a known age.
        try:
            text = Path(entry.path, "startedat").read_text(encoding="ascii", errors="replace")
            started: float | None = datetime.fromisoformat(text.strip().replace("Z", "+00:00")).timestamp()
        except (OSError, ValueError):
            started = None
        yield OpenUpload(name, entry.name, data.stat().st_size if data.is_file() else 0, started)


def _read_manifests(
    folder: Path, holdings: dict[str, Holding], progress: Progress | None
) -> tuple[dict[Digest, tuple[Digest, ...]], frozenset[Digest], dict[Digest, str]]:
    """Read each manifest that some repository has, once; note for each that can't be read why."""
    references: dict[Digest, tuple[Digest, ...]] = {}
    indexes: set[Digest] = set()
    unreadable: dict[Digest, str] = {}
    revisions = dict.fromkeys(digest for holding in holdings.values() for digest in holding.revisions)
    for done, digest in enumerate(revisions, 1):
        path = os.path.join(folder, digest.algorithm, digest.encoded[:2], digest.encoded, "data")
        try:
            # One byte more than a manifest may have, so that a larger file is noticed and not cut short.
            with open(path, "rb") as file:
                is_index, references[digest] = stored_references(file.read(LARGEST_DOCUMENT + 1))
            if is_index:
                indexes.add(digest)
        except (InvalidValue, OSError) as error:
            unreadable[digest] = str(error)
        if progress and (done % 64 == 0 or done == len(revisions)):
            progress("manifests", done, len(revisions))
    return references, frozenset(indexes), unreadable
