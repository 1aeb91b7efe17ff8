"""Digests: the name of some bytes is the hash of those bytes (image-spec descriptor.md, "Digests")."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from simregistry.errors import DigestMismatch, InvalidValue

if TYPE_CHECKING:
    from hashlib import _Hash

# image-spec descriptor.md, "Registered Algorithms": "sha256: [a-f0-9]{64}", "sha512: [a-f0-9]{128}".
ENCODED_LENGTH = {"sha256": 64, "sha512": 128}
GRAMMAR = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")


class Digest(str):
    """An algorithm and the hash it gave, as ``algorithm:encoded``; checked once, when made.

    It is a string, so it compares, sorts and prints as what it stands for, and a million of them stay small.

    >>> Digest.of(b"").short
    'e3b0c44298fc'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Digest:
        """Check the text, unless it is a digest already."""
        if isinstance(text, cls):
            return text
        _check(text)
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read a digest, or raise InvalidValue saying which rule it breaks."""
        return cls(text)

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Digest:
        """Hash some bytes.

        >>> Digest.of(b"hello", "sha512")[:20]
        'sha512:9b71d224bd62f'
        """
        hasher = cls.hasher(algorithm)
        hasher.update(data)
        return cls.of_hash(hasher)

    @staticmethod
    def hasher(algorithm: str = "sha256") -> _Hash:
        """Give a hash that bytes can be fed to as they arrive."""
        if algorithm not in ENCODED_LENGTH:
            raise InvalidValue("algorithm", algorithm, f"use one of {', '.join(ENCODED_LENGTH)}")
        return hashlib.new(algorithm)

    @classmethod
    def of_hash(cls, hasher: _Hash) -> Digest:
        """Take what a hash has come to as a digest."""
        return cls(f"{hasher.name}:{hasher.hexdigest()}")

    @property
    def algorithm(self) -> str:
        """The part before the colon."""
        return self.partition(":")[0]

    @property
    def encoded(self) -> str:
        """The part after the colon: lower-case hexadecimal."""
        return self.partition(":")[2]

    @property
    def short(self) -> str:
        """The first twelve hexadecimal digits, as clients print them; for reading, never for naming."""
        return self.encoded[:12]

    def verify(self, data: bytes) -> None:
        """Raise DigestMismatch unless these bytes have this digest.

        image-spec descriptor.md, "Verification": "Before consuming content targeted by a descriptor from untrusted
        sources, the byte content SHOULD be verified against the digest string."
        """
        got = Digest.of(data, self.algorithm)
        if got != self:
            raise DigestMismatch(self, got)


def _check(text: object) -> None:
    """Hold a text against the grammar and the registered algorithms."""
    if not isinstance(text, str):
        raise InvalidValue("digest", text, "must be a text such as sha256: and 64 hexadecimal digits")
    if not GRAMMAR.fullmatch(text):
        raise InvalidValue("digest", text, "must be algorithm:encoded, such as sha256: and 64 hexadecimal digits")
    algorithm, _, encoded = text.partition(":")
    if algorithm not in ENCODED_LENGTH:
        raise InvalidValue("digest", text, f"unknown algorithm {algorithm}; use one of {', '.join(ENCODED_LENGTH)}")
    if len(encoded) != ENCODED_LENGTH[algorithm] or not re.fullmatch(r"[a-f0-9]+", encoded):
        need = ENCODED_LENGTH[algorithm]
        raise InvalidValue("digest", text, f"{algorithm} needs exactly {need} lower-case hexadecimal digits")
