"""A step that goes wrong on purpose: its error is a value to look at, and the cells after it still run."""

from __future__ import annotations

from html import escape
from types import TracebackType

from simregistry.errors import SimRegistryError


class expect_error:
    """Run a block that should fail, and keep its error; an error of another kind is raised as always.

    >>> with expect_error() as error:
    ...     raise SimRegistryError("the registry refuses it")
    >>> error
    SimRegistryError: the registry refuses it
    """

    def __init__(self) -> None:
        self.kind, self.message = "", ""

    def __enter__(self) -> expect_error:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, SimRegistryError):
            return False
        self.kind, self.message = type(error).__name__, str(error)
        return True

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.kind else "Nothing went wrong."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
