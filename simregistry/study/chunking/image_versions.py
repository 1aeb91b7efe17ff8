"""Versions of a small made image, with real bytes, from a seed: files of several kinds, some of which change each time.

How many files change from one version to the next, and how much of each, is chosen. What layers, files and chunks save
is then measured, from the hashes of real archives.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from simregistry.errors import InvalidValue
from simregistry.oci.layer import Changeset

WORDS = (
    "the", "of", "and", "a", "to", "in", "is", "it", "layer", "image", "file", "byte", "hash", "chunk", "tag", "blob",
    "index", "store", "push", "pull", "config", "base", "error", "return", "import", "value", "number", "list",
    "string", "while", "for", "if", "else", "class", "def", "none", "true", "false",
)  # fmt: skip
# Kinds of files, and how many of a hundred are of each kind: text, programs, and files that are compressed already.
KINDS = (("text", 55), ("program", 35), ("packed", 10))
# A program has 64 of the 256 byte values in this model, so that gzip makes it smaller by about a quarter.
PROGRAM = bytes(range(64)) * 4
MOST_BYTES = 400_000_000
Image = tuple[str, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class ImageVersions:
    """Versions of one image.

    Each version changes a share ``changed_files`` of the files. In each of these it replaces a share ``changed_bytes``
    of the bytes, at one place, by between half as many and half as many more. A layer below has ``base_files`` more
    files, of which a share ``base_changed`` changes. Shares are from 0 to 1; all values are chosen.
    """

    versions: int = 10
    files: int = 60
    file_bytes: int = 16_000
    changed_files: float = 0.2
    changed_bytes: float = 0.1
    base_files: int = 60
    base_changed: float = 0.0
    seed: int = 1
    name: str = "web"

    def __post_init__(self) -> None:
        for field in ("changed_files", "changed_bytes", "base_changed"):
            if not 0 <= getattr(self, field) <= 1:
                raise InvalidValue(field, getattr(self, field), "give a share from 0 to 1")
        total = self.versions * (self.files + self.base_files) * self.file_bytes
        if self.versions < 1 or self.files < 1 or self.base_files < 0 or self.file_bytes < 1 or total > MOST_BYTES:
            raise InvalidValue(
                "family", f"{self.versions} versions", f"give at least one, and at most {MOST_BYTES:,} bytes"
            )

    def images(self) -> Iterator[Image]:
        """Build one version after the other; yield its name and its layers as archives, from the base up.

        >>> [name for name, layers in ImageVersions(versions=2, files=3, base_files=2).images()]
        ['web:v1', 'web:v2']
        """
        dice = random.Random(f"{self.name}/{self.seed}")
        base = {f"usr/lib/{n:03}": _file(dice, self.file_bytes) for n in range(self.base_files)}
        own = {f"app/{n:03}": _file(dice, self.file_bytes) for n in range(self.files)}
        for version in range(1, self.versions + 1):
            if version > 1:
                self._change(dice, base, self.base_changed)
                self._change(dice, own, self.changed_files)
            layers = [Changeset.of(part).to_tar() for part in (base, own) if part]
            yield f"{self.name}:v{version}", tuple(layers)

    def _change(self, dice: random.Random, files: dict[str, bytes], share: float) -> None:
        """Change a share of the files, rounded to whole files."""
        names = sorted(files)
        for name in dice.sample(names, round(share * len(names))):
            old = files[name]
            size = round(self.changed_bytes * len(old))
            start = dice.randrange(len(old) - size + 1)
            # More or fewer bytes than before, so all later bytes move, as they do when somebody adds a line.
            new = _file(dice, size // 2 + dice.randrange(size + 1), exact=True)
            files[name] = old[:start] + new + old[start + size :]


def _file(dice: random.Random, mean: int, exact: bool = False) -> bytes:
    """Make a file of a tenth of the mean to almost four times the mean, small more often; or of exactly that size."""
    size = mean if exact else max(1, int(mean * (0.1 + 2.7 * dice.random() * dice.random() * 1.34)))
    kind = dice.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    raw = dice.randbytes(size)
    if kind == "packed":
        return raw
    if kind == "program":
        return raw.translate(PROGRAM)
    text = " ".join(WORDS[byte % len(WORDS)] for byte in raw[: size // 4 + 1]).encode()
    return (text + b" " * size)[:size]
