"""How different clients push: the same protocol, but different habits.

Both were recorded from the real tools against CNCF distribution 2.8.2. ``crane`` asks for the manifest first, and stops
if the registry has it. ``skopeo`` asks for each blob and always sends the manifest, and so does Docker's engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Dialect:
    """One client's habits in a push.

    ``asks_for_manifest``: asks first whether the tag already points at this manifest. ``confirms_mount_source``: asks
    a repository whether it still has a blob before mounting the blob from it. ``asks_again``: asks for a layer once
    more just before uploading it, in case somebody else has pushed it meanwhile. ``mounts_config``: mounts the config
    too, like a layer.
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
