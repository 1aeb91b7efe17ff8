"""Mark: from the roots along the references, note for each blob what keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from simregistry.oci.digest import Digest

# What keeps a blob: the manifest that names it, or, for a root, a text that says why it is one.
Keeper = Digest | str
Descend = Callable[[Digest], bool]


def always(digest: Digest) -> bool:
    """Follow every reference as far as it leads."""
    return True


def never(digest: Digest) -> bool:
    """Follow no reference beyond the root's own."""
    return False


def mark(
    references: Mapping[Digest, tuple[Digest, ...]],
    roots: Iterable[tuple[Digest, str]],
    descend: Descend = always,
    keeper: dict[Digest, Keeper] | None = None,
) -> dict[Digest, Keeper]:
    """Give what keeps each blob that a root leads to; ``keeper`` goes on from marks made before.

    A root's references are always followed, also where an index marked it already: marked and followed are two things.

    >>> tag, index, layer = (Digest.of(name) for name in (b"image", b"index", b"layer"))
    >>> sorted(mark({index: (tag,), tag: (layer,)}, [(index, "app:v1")])) == sorted([tag, index, layer])
    True
    """
    keeper = {} if keeper is None else keeper
    followed: set[Digest] = set()
    for root, why in roots:
        keeper.setdefault(root, why)
        waiting = [root]
        while waiting:
            here = waiting.pop()
            if here in followed:
                continue
            followed.add(here)
            for named in references.get(here, ()):
                if named not in keeper:
                    keeper[named] = here
                    if named in references and descend(named):
                        waiting.append(named)
    return keeper


def path_to(keeper: Mapping[Digest, Keeper], digest: Digest) -> tuple[str, ...]:
    """Give the way that keeps a blob, from its root to itself; empty where nothing keeps it.

    >>> layer, image = Digest.of(b"layer"), Digest.of(b"image")
    >>> path_to({image: "app:v1", layer: image}, layer) == ("app:v1", image, layer)
    True
    """
    if digest not in keeper:
        return ()
    way: list[str] = [digest]
    while (above := keeper[Digest(way[-1])]) not in way:
        way.append(above)
        if not isinstance(above, Digest):
            break
    return tuple(reversed(way))
