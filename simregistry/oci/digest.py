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
    """The hash of some bytes with the algorithm that made it, as ``algorithm:encoded``.

    A digest is checked once, when it is made. It is a string, so it compares, sorts and prints like one, and a million
    of them take little memory.

    >>> Digest.of(b"").short
    'e3b0c44298fc'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Digest:
        """Check the string, unless it is a digest already."""
        if isinstance(text, cls):
            return text
        _check(text)
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read a digest, or raise InvalidValue that says which rule the string breaks."""
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
        """Begin a hash, to which bytes can be fed as they arrive."""
        if algorithm not in ENCODED_LENGTH:
            raise InvalidValue("algorithm", algorithm, f"use one of {', '.join(ENCODED_LENGTH)}")
        return hashlib.new(algorithm)

    @classmethod
    def of_hash(cls, hasher: _Hash) -> Digest:
        """Make a digest of a hash that all bytes were fed to."""
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
        """The first twelve hexadecimal digits, as clients print them. They are for people; a program compares all."""
        return self.encoded[:12]

    def verify(self, data: bytes) -> None:
        """Raise DigestMismatch unless these bytes have this digest.

        image-spec descriptor.md, "Verification": "Before consuming content targeted by a descriptor from untrusted
        sources, the byte content SHOULD be verified against the digest string."
        """
        actual = Digest.of(data, self.algorithm)
        if actual != self:
            raise DigestMismatch(self, actual)


def _check(text: object) -> None:
    """Raise InvalidValue for what isn't a digest: by the grammar first, then by the registered algorithms."""
    if not isinstance(text, str):
        raise InvalidValue("digest", text, "must be a string such as sha256: and 64 hexadecimal digits")
    if not GRAMMAR.fullmatch(text):
        raise InvalidValue("digest", text, "must be algorithm:encoded, such as sha256: and 64 hexadecimal digits")
    algorithm, _, encoded = text.partition(":")
    if algorithm not in ENCODED_LENGTH:
        raise InvalidValue("digest", text, f"unknown algorithm {algorithm}; use one of {', '.join(ENCODED_LENGTH)}")
    if len(encoded) != ENCODED_LENGTH[algorithm] or not re.fullmatch(r"[a-f0-9]+", encoded):
        need = ENCODED_LENGTH[algorithm]
        raise InvalidValue("digest", text, f"{algorithm} needs exactly {need} lower-case hexadecimal digits")
