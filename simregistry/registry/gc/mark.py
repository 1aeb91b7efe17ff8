"""Mark: from the roots along the references, to all that is to stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory

Descend = Callable[[Digest], bool]


def always(digest: Digest) -> bool:
    """Follow every manifest that an index names."""
    return True


def never(digest: Digest) -> bool:
    """Follow no manifest but the roots."""
    return False


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to stay, and why: the roots with their reasons, and the manifests whose references were followed.

    Which way keeps a blob is not written down but found when somebody asks: most are never asked for.
    """

    roots: dict[Digest, str] = field(default_factory=dict)
    followed: set[Digest] = field(default_factory=set)
    marked: set[Digest] = field(default_factory=set)

    def __contains__(self, digest: object) -> bool:
        return digest in self.marked

    def __len__(self) -> int:
        return len(self.marked)

    def path(self, inventory: Inventory, digest: Digest) -> tuple[str, ...]:
        """Give the shortest way that keeps a blob, from a root's reason down to itself; () where nothing keeps it."""
        below: dict[Digest, Digest | None] = {digest: None}
        for here in (waiting := [digest] if digest in self.marked else []):
            if here in self.roots:
                way: list[str] = [self.roots[here]]
                step: Digest | None = here
                while step is not None:
                    way.append(step)
                    step = below[step]
                return tuple(way)
            for above in inventory.named_by.get(here, ()):
                if above in self.followed and above not in below:
                    below[above] = here
                    waiting.append(above)
        return ()


def mark(
    inventory: Inventory,
    roots: Iterable[tuple[Digest, str]],
    descend: Descend = always,
    onto: Marks | None = None,
) -> Marks:
    """Mark all that the roots lead to; ``descend`` says which manifests below an index are followed.

    A root's references are always followed, also where an index marked it already: marked and followed are two things.
    Marks from before can be gone ``onto``.

    >>> image, layer = Digest.of(b"image"), Digest.of(b"layer")
    >>> tiny = Inventory({image: 5, layer: 5}, {}, {image: (layer,)})
    >>> mark(tiny, [(image, "app:v1")]).path(tiny, layer) == ("app:v1", image, layer)
    True
    """
    marks = Marks() if onto is None else onto
    for root, why in roots:
        marks.roots.setdefault(root, why)
        marks.marked.add(root)
        waiting = [root]
        while waiting:
            here = waiting.pop()
            if here in marks.followed:
                continue
            marks.followed.add(here)
            named = inventory.references.get(here, ())
            marks.marked.update(named)
            if here in inventory.indexes:
                waiting += [child for child in named if inventory.is_manifest(child) and descend(child)]
    return marks
