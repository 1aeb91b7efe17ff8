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

    The way that keeps a blob is not written down. It is found when somebody asks, since most are never asked for.
    """

    # Subtle: marked and followed are two things. A collector that does not follow an index marks the manifests that it
    # names, so their bytes stay. It never looks at what those name in turn, so their layers are swept.
    roots: dict[Digest, str] = field(default_factory=dict)
    followed: set[Digest] = field(default_factory=set)
    marked: set[Digest] = field(default_factory=set)

    def __contains__(self, digest: object) -> bool:
        return digest in self.marked

    def __len__(self) -> int:
        return len(self.marked)

    def path(self, inventory: Inventory, digest: Digest) -> tuple[str, ...]:
        """Return the shortest way that keeps a blob, from a root's reason down to itself; () where nothing keeps it."""
        # Upwards, since few ways lead up from a blob and many lead down from a root. `below` remembers the step by
        # which each digest was reached. The list grows while it is gone through: nearest first, so the way is shortest.
        below: dict[Digest, Digest | None] = {digest: None}
        for here in (waiting := [digest] if digest in self.marked else []):
            # A root: the steps, read back, are the way down.
            if here in self.roots:
                way: list[str] = [self.roots[here]]
                step: Digest | None = here
                while step is not None:
                    way.append(step)
                    step = below[step]
                return tuple(way)
            # Only a manifest that was followed keeps what it names.
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

    A root's references are always followed, even if an index has marked it already. Marks from before can be added
    ``onto``.

    >>> image, layer = Digest.of(b"image"), Digest.of(b"layer")
    >>> tiny = Inventory({image: 5, layer: 5}, {}, {image: (layer,)})
    >>> mark(tiny, [(image, "app:v1")]).path(tiny, layer) == ("app:v1", image, layer)
    True
    """
    marks = Marks() if onto is None else onto
    for root, why in roots:
        # The first reason counts: a second tag of the same manifest adds nothing.
        marks.roots.setdefault(root, why)
        marks.marked.add(root)
        waiting = [root]
        while waiting:
            here = waiting.pop()
            # Each manifest is followed once, however many ways lead to it.
            if here in marks.followed:
                continue
            marks.followed.add(here)
            # A manifest that cannot be read names nothing here, and so keeps nothing.
            named = inventory.references.get(here, ())
            marks.marked.update(named)
            # An image names blobs, and there its way ends. An index names manifests, which name more.
            if here in inventory.indexes:
                waiting += [child for child in named if inventory.is_manifest(child) and descend(child)]
    return marks
