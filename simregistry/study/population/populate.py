"""A hub drawn from its parameters: base-image trees, families of versions, and what each version changes.

1. An operating system is built again every few weeks; a language image on it with it.
2. A repository has one base and a number of layers of its own. Its versions follow each other in time.
3. A version changes one of its own layers and with it all above, which is the rule of every builder's cache; where its
   base was rebuilt meanwhile, all of its own layers are new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simregistry.study.population.dice import Dice, Integers, falling, within
from simregistry.study.population.hub import Hub
from simregistry.study.population.population import Population

EMPTY_BYTES, EMPTY_UNPACKED = 32, 1024
PERIOD_DAYS = 730
# Layers have numbers from here on by kind until all are known; then they are numbered anew without gaps.


@dataclass(frozen=True, slots=True, eq=False)
class Repositories:
    """One row a repository: how many versions, which base, how many layers."""

    versions: Integers
    system: Integers
    runtime: Integers  # -1 for one that builds on the operating system alone
    base_layers: Integers
    own_layers: Integers
    first_day: Integers
    interval: Integers


def populate(hub: Hub | None = None) -> Population:
    """Draw a hub.

    >>> populate(Hub(images=100, seed=1)).images
    100
    """
    hub = hub or Hub()
    dice = Dice(hub.seed)
    repositories = _repositories(hub, dice)
    owner = np.repeat(np.arange(len(repositories.versions)), repositories.versions)
    version = within(repositories.versions)
    day = repositories.first_day[owner] + version * repositories.interval[owner]
    # Systems are not all rebuilt on one day.
    epoch = (day + repositories.system[owner] * 5) // hub.rebuild_days
    empty = dice.chance(len(owner), hub.empty)
    counts = empty + repositories.base_layers[owner] + repositories.own_layers[owner]
    first = np.concatenate(([0], np.cumsum(counts)))
    layers = np.zeros(int(first[-1]), dtype=np.int64)
    highest = _fill_bases(hub, repositories, owner, epoch, first, layers)
    _fill_own(hub, dice, repositories, (owner, version, epoch), first, layers, highest + 1)
    # The empty layer is number 0; it stands on top, where a WORKDIR step leaves it.
    layers[first[1:][empty] - 1] = 0
    numbered, distinct = _without_gaps(layers)
    sizes = hub.layer_bytes.draw(dice, distinct)
    unpacked = sizes * hub.unpacking_percent.draw(dice, distinct) // 100
    if empty.any():
        sizes[0], unpacked[0] = EMPTY_BYTES, EMPTY_UNPACKED
    pulls = _pulls(hub, dice, repositories.versions, version, owner)
    return Population(
        hub,
        owner.astype(np.int32),
        version.astype(np.int32),
        day.astype(np.int32),
        first,
        numbered,
        sizes,
        unpacked,
        pulls,
    )


def _repositories(hub: Hub, dice: Dice) -> Repositories:
    versions = hub.images_a_repository.draw(dice, 256)
    while int(versions.sum()) < hub.images:
        versions = np.concatenate((versions, hub.images_a_repository.draw(dice, len(versions))))
    n = int(np.searchsorted(np.cumsum(versions), hub.images)) + 1
    versions = versions[:n]
    versions[-1] -= int(versions.sum()) - hub.images
    layers = hub.layers_an_image.draw(dice, n)
    runtime = dice.ranks(n, falling(hub.runtimes, hub.base_skew))
    on_system = dice.ranks(hub.runtimes, falling(hub.systems, hub.base_skew))
    added = 1 + dice.below(hub.runtimes, hub.runtime_layers)
    system, with_runtime = on_system[runtime], hub.system_layers + added[runtime]
    # An image of few layers cannot stand on a language image, and one of very few on no system either.
    runtime = np.where(layers > with_runtime, runtime, -1)
    base = np.where(runtime >= 0, with_runtime, np.where(layers > hub.system_layers, hub.system_layers, 0))
    first_day = dice.below(n, PERIOD_DAYS)
    interval = 1 + dice.below(n, 2 * hub.version_days)
    return Repositories(versions, system, runtime, base, layers - base, first_day, interval)


def _fill_bases(
    hub: Hub, repositories: Repositories, owner: Integers, epoch: Integers, first: Integers, layers: Integers
) -> int:
    """Write the layers of each image's base; gives the highest number that they may have."""
    epochs = int(epoch.max()) + 1
    base = repositories.base_layers[owner]
    place = np.repeat(first[:-1], base) + (position := within(base))
    system, runtime = (np.repeat(column[owner], base) for column in (repositories.system, repositories.runtime))
    at = np.repeat(epoch, base)
    of_system = 1 + (system * epochs + at) * hub.system_layers + position
    start = 1 + hub.systems * epochs * hub.system_layers
    of_runtime = start + (runtime * epochs + at) * hub.runtime_layers + position - hub.system_layers
    layers[place] = np.where(position < hub.system_layers, of_system, of_runtime)
    return start + hub.runtimes * epochs * hub.runtime_layers


def _fill_own(
    hub: Hub, dice: Dice, repositories: Repositories, images: tuple[Integers, Integers, Integers],
    first: Integers, layers: Integers, start: int,
) -> None:  # fmt: skip
    """Write each image's own layers: what its last version had up to the first change, and new ones from there."""
    owner, version, epoch = images
    n, own = len(owner), repositories.own_layers[owner]
    rebuilt = np.concatenate(([True], (epoch[1:] != epoch[:-1]))) & (repositories.base_layers[owner] > 0)
    changed = np.where(dice.chance(n, hub.only_last), own - 1, dice.below(n, own))
    changed = np.where(rebuilt | (version == 0), 0, changed)
    position = within(own)
    # Side by side in time: all versions of a repository's first layer, then of its second. Each is new or goes on, so
    # counting the new ones numbers them. What holds for a whole image is worked out once, and then spread over it.
    refs = repositories.own_layers * repositories.versions
    ahead = np.repeat((np.cumsum(refs) - refs)[owner] + version, own)
    ahead += position * np.repeat(repositories.versions[owner], own)
    new = np.zeros(len(position), dtype=np.int64)
    new[ahead] = position >= np.repeat(changed, own)
    numbers = np.cumsum(new) - 1 + start
    layers[np.repeat(first[:-1] + repositories.base_layers[owner], own) + position] = numbers[ahead]


def _without_gaps(layers: Integers) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], int]:
    """Number the layers that occur anew, in order."""
    used = np.zeros(int(layers.max()) + 1, dtype=bool)
    used[layers] = True
    numbers = (np.cumsum(used) - 1).astype(np.int32)
    return numbers[layers], int(numbers[-1]) + 1


def _pulls(hub: Hub, dice: Dice, versions: Integers, version: Integers, owner: Integers) -> Integers:
    """Share the pulls out: over repositories by popularity, inside one to its newest version half, and so on back."""
    n = len(versions)
    rank = np.argsort(dice.raw(n), kind="stable")
    weights = np.empty(n, dtype=np.float64)
    weights[rank] = falling(n, hub.pull_skew)
    age = np.minimum(versions[owner] - 1 - version, 40)
    parts = 0.5 ** (age + 1.0) / (1 - 0.5 ** np.minimum(versions[owner], 41))
    share = weights[owner] / weights.sum() * parts
    return np.asarray(np.floor(share * hub.pulls_an_image * hub.images), dtype=np.int64)
