"""How different clients speak: the same protocol, other habits.

Both are recorded from the real tools against CNCF distribution 2.8.2: ``crane`` asks for the manifest before anything
else and stops if it is there; ``skopeo``, and Docker's engine like it, asks for each blob and puts the manifest again.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Dialect:
    """One client's habits in a push.

    ``asks_again``: once more just before a layer is uploaded, since beginning an upload does not say whether the blob
    is there. ``mounts_config``: treats the config as one more layer.
    """

    name: str
    asks_for_manifest: bool
    confirms_mount_source: bool
    asks_again: bool
    mounts_config: bool


CRANE = Dialect("crane", asks_for_manifest=True, confirms_mount_source=False, asks_again=False, mounts_config=True)
SKOPEO = Dialect("skopeo", asks_for_manifest=False, confirms_mount_source=True, asks_again=True, mounts_config=False)
DIALECTS = {dialect.name: dialect for dialect in (CRANE, SKOPEO)}


def dialect_named(name: str) -> Dialect:
    """Find a dialect by its name.

    >>> dialect_named("crane").asks_for_manifest
    True
    """
    if name not in DIALECTS:
        raise InvalidValue("dialect", name, f"use one of {', '.join(DIALECTS)}")
    return DIALECTS[name]
