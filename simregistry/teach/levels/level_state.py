"""What a level looks at: which names name what, what is on the shelves, and the megabytes that moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REGISTRIES = {"registry": "registry.example", "mirror": "mirror.example"}
MACHINES = ("laptop", "server")
PLACES = (*REGISTRIES, *MACHINES)
# The layers of an image by name, from the base up.
Stack = tuple[str, ...]
# An index is written as the images it lists: for each platform, the layers of its image.
Image = Stack | Mapping[str, Stack]
Images = Mapping[str, Image]


def shown_image(image: Image) -> str:
    """Write an image, or an index platform by platform.

    >>> shown_image({"linux/amd64": ("base", "code"), "linux/arm64": ()})
    'linux/amd64: base + code; linux/arm64: missing'
    """
    if isinstance(image, tuple):
        return " + ".join(image)
    return "; ".join(f"{platform}: {' + '.join(stack) or 'missing'}" for platform, stack in image.items())


@dataclass(frozen=True, slots=True)
class LevelState:
    """Everything that a goal can ask about, as plain values, with sizes in megabytes.

    ``untagged`` lists the manifests that no tag leads to, each with its registry and repository.
    """

    images: Mapping[str, Images]
    untagged: tuple[tuple[str, str, Image], ...]
    shelves: Mapping[str, tuple[str, ...]]
    stored: int
    sent: int
    fetched: int
