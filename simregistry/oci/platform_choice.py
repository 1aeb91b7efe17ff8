"""Which image of an index runs on a platform: the same system and processor, and a variant that the processor knows.

image-spec image-index.md lists the variants and leaves the choice to the client. Here it is as in containerd, and so in
Docker (platforms.Only): a processor runs what was built for it and for those before it, never for those after it. An
image of another processor that the machine could run too, such as 386 on amd64, is not chosen: skopeo and podman don't.
"""

from __future__ import annotations

from collections.abc import Iterable

from simregistry.oci.descriptor import Descriptor, Platform

# What is meant where a platform names no variant, and the oldest variant there is (containerd platforms/database.go).
USUAL = {"amd64": "v1", "arm": "v7", "arm64": "v8"}
OLDEST = {"amd64": 1, "arm": 5, "arm64": 8}
# Names that uname and Debian have for them.
OTHER_NAMES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}


def choose_entry(entries: Iterable[Descriptor], wanted: Platform) -> Descriptor | None:
    """Choose the entry of an index that fits a platform best; of several that fit as well, the first.

    image-spec image-index.md, manifests: "If multiple manifests match a client or runtime's requirements, the first
    matching entry SHOULD be used." An entry that names no platform fits all, and is taken if no other fits.

    >>> from simregistry.oci.digest import Digest
    >>> entries = [Descriptor("", Digest.of(b""), 0, platform=Platform("linux", "arm", text)) for text in ("v5", "v6")]
    >>> str(choose_entry(entries, Platform.parse("linux/arm/v7")).platform)
    'linux/arm/v6'
    """
    runs = _variants(wanted)
    best: tuple[int, Descriptor] | None = None
    for entry in entries:
        place = len(runs) if entry.platform is None else _place(entry.platform, wanted, runs)
        if place is not None and (best is None or place < best[0]):
            best = place, entry
    return best[1] if best else None


def _place(offered: Platform, wanted: Platform, runs: list[str]) -> int | None:
    """Say how far down the list of what runs here an image is; None if it doesn't run."""
    same = (offered.os, _architecture(offered)) == (wanted.os, _architecture(wanted))
    return runs.index(_variant(offered)) if same and _variant(offered) in runs else None


def _variants(platform: Platform) -> list[str]:
    """List the variants that run on a platform, the best first."""
    own, oldest = _variant(platform), OLDEST.get(_architecture(platform))
    number = own.removeprefix("v")
    if oldest is None or not number.isdecimal() or len(number) > 2:
        return [own]
    return [own, *(f"v{older}" for older in range(int(number) - 1, oldest - 1, -1))]


def _architecture(platform: Platform) -> str:
    return OTHER_NAMES.get(platform.architecture, platform.architecture)


def _variant(platform: Platform) -> str:
    """Read the variant, the usual one if none is named; some write 8 for v8."""
    variant = platform.variant or USUAL.get(_architecture(platform), "")
    return f"v{variant}" if variant.isdecimal() else variant
