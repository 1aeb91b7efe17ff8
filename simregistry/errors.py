"""Every error this project raises, under one base, each with its evidence as attributes.

The classes below ``SpecError`` are the error codes of the OCI distribution-spec 1.1 ("Error Codes"), one class a code.
The specification fixes the codes; it fixes a status only where an endpoint's text names one, so the statuses here are
those of the endpoint table (distribution-spec, "Endpoints") and of CNCF distribution where the table leaves a choice.
"""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any, ClassVar

PACKAGE = Path(__file__).parent


class SimRegistryError(Exception):
    """Anything that goes wrong here on purpose: catch this one to catch them all."""

    def _render_traceback_(self) -> list[str]:
        """Give what IPython shows: the caller's own lines and the message; thirty lines of ours would hide both."""
        frames = traceback.extract_tb(self.__traceback__)
        files = [(frame, Path(frame.filename)) for frame in frames]
        own = [frame for frame, file in files if PACKAGE not in file.parents and "IPython" not in file.parts]
        lines = [f"line {frame.lineno}: {frame.line}" for frame in own]
        return [*lines, f"{type(self).__name__}: {self}"]


class InvalidValue(SimRegistryError, ValueError):
    """A value broke a rule of its specification; the message names the rule and says what to do."""

    def __init__(self, what: str, value: object, rule: str) -> None:
        shown = repr(value)
        super().__init__(f"{what} {shown if len(shown) <= 120 else shown[:117] + '...'}: {rule}")
        self.what, self.value, self.rule = what, value, rule


class DigestMismatch(SimRegistryError):
    """Some bytes do not hash to the digest that was claimed for them."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"the content's digest is {got}, not {expected}: these are other bytes")
        self.expected, self.got = expected, got


class ContentUnavailable(SimRegistryError):
    """A nominal blob was asked for its bytes: only its digest and size are known here."""

    def __init__(self, digest: str, size: int) -> None:
        super().__init__(f"{digest} is a nominal blob: its {size:,} bytes are not here, only its name and size")
        self.digest, self.size = digest, size


class ImageUnknown(SimRegistryError):
    """A local image was asked for that the client's image store does not hold."""

    def __init__(self, reference: str, known: tuple[str, ...]) -> None:
        have = ", ".join(known) if known else "no image at all yet"
        super().__init__(f"no local image {reference}; there is {have}")
        self.reference, self.known = reference, known


class TransferFailed(SimRegistryError):
    """A push or pull stopped before its end; ``conversation`` holds what had been said until then."""

    def __init__(self, message: str, conversation: object = None) -> None:
        super().__init__(message)
        self.conversation = conversation


class ConnectionFailed(SimRegistryError, ConnectionError):
    """A registry over a network gave no answer that can be used: the line broke, or the answer is too large or late."""


class SpecError(SimRegistryError):
    """A registry's refusal: a code of the distribution-spec, the status it travels with, the evidence as ``detail``.

    >>> BlobUnknown("no such blob", {"digest": "sha256:abc"}).code
    'BLOB_UNKNOWN'
    """

    code: ClassVar[str] = "UNKNOWN"
    status: int = 400

    def __init__(self, message: str, detail: Any = None, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message, self.detail = message, detail
        self.headers: dict[str, str] = {}
        if status is not None:
            self.status = status

    def to_json(self) -> bytes:
        """Give the body a registry answers with (distribution-spec, "Error Codes": a list ``errors``)."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.detail is not None:
            error["detail"] = self.detail
        return json.dumps({"errors": [error]}).encode()


class BlobUnknown(SpecError):
    """code-1: this repository does not know the blob."""

    code, status = "BLOB_UNKNOWN", 404


class BlobUploadInvalid(SpecError):
    """code-2: the upload cannot go on with this request."""

    code, status = "BLOB_UPLOAD_INVALID", 400


class BlobUploadUnknown(SpecError):
    """code-3: there is no such upload session (it ended, was cancelled, or never was)."""

    code, status = "BLOB_UPLOAD_UNKNOWN", 404


class DigestInvalid(SpecError):
    """code-4: the digest is malformed, or is not that of the content."""

    code, status = "DIGEST_INVALID", 400


class ManifestBlobUnknown(SpecError):
    """code-5: the manifest names content that this repository does not have."""

    code, status = "MANIFEST_BLOB_UNKNOWN", 404


class ManifestInvalid(SpecError):
    """code-6: the bytes are not a manifest."""

    code, status = "MANIFEST_INVALID", 400


class ManifestUnknown(SpecError):
    """code-7: no manifest by this tag or digest."""

    code, status = "MANIFEST_UNKNOWN", 404


class NameInvalid(SpecError):
    """code-8: a repository name that breaks the grammar."""

    code, status = "NAME_INVALID", 400


class NameUnknown(SpecError):
    """code-9: no repository of this name."""

    code, status = "NAME_UNKNOWN", 404


class SizeInvalid(SpecError):
    """code-10: a length that does not match the content, or is too large."""

    code, status = "SIZE_INVALID", 400


class Unauthorized(SpecError):
    """code-11: who are you? Sign in first."""

    code, status = "UNAUTHORIZED", 401


class Denied(SpecError):
    """code-12: known, but not allowed."""

    code, status = "DENIED", 403


class Unsupported(SpecError):
    """code-13: this registry does not do that."""

    code, status = "UNSUPPORTED", 405


class TooManyRequests(SpecError):
    """code-14: slow down."""

    code, status = "TOOMANYREQUESTS", 429
