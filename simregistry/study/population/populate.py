"""Draw a hub from its parameters: base images, repositories with their versions, and what each version changes.

1. An operating system is built again every few weeks, and with it the language images that are built on it.
2. A repository has one base and a number of layers of its own. Its versions follow each other in time.
3. A version changes one of its own layers and all layers above it, which is the rule of every builder's cache. If its
   base was rebuilt since the last version, all of its own layers are new.

How to read the code: nothing loops over images. A *column* is an array with one entry an image, or one entry a
reference (an image's mention of one of its layers). ``column[owner]`` spreads a column of repositories over their
images, and ``np.repeat(column, counts)`` spreads a column of images over their references.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simregistry.study.population.dice import Dice, Integers, places_in_groups, zipf_weights
from simregistry.study.population.hub import Hub
from simregistry.study.population.population import Population

# The empty layer that a WORKDIR step leaves: compressed, and as an archive.
EMPTY_BYTES, EMPTY_UNPACKED = 32, 1024
# Each repository's first version appears on some day of these two years.
PERIOD_DAYS = 730


@dataclass(frozen=True, slots=True, eq=False)
class Repositories:
    """The columns of repositories: how many versions each has, on which base, with how many layers, from which day."""

    versions: Integers
    system: Integers
    runtime: Integers  # the language image, -1 for a repository that builds on the operating system alone
    base_layers: Integers
    own_layers: Integers
    first_day: Integers
    interval: Integers


def populate(hub: Hub | None = None) -> Population:
    """Draw the hub that these parameters describe.

    >>> populate(Hub(images=100, seed=1)).images
    100
    """
    hub = hub or Hub()
    dice = Dice(hub.seed)
    repositories = _repositories(hub, dice)
    # One entry an image: the repository that owns it, which of its versions it is, and the day it was built.
    owner = np.repeat(np.arange(len(repositories.versions)), repositories.versions)
    version = places_in_groups(repositories.versions)
    day = repositories.first_day[owner] + version * repositories.interval[owner]
    # How often the base had been rebuilt by then. Systems are not all rebuilt on the same day, hence the shift.
    epoch = (day + repositories.system[owner] * 5) // hub.rebuild_days
    # Room for all references: image i has the layers ``layers[first[i]:first[i + 1]]``, from the base up.
    empty = dice.chance(len(owner), hub.empty)
    counts = empty + repositories.base_layers[owner] + repositories.own_layers[owner]
    first = np.concatenate(([0], np.cumsum(counts)))
    layers = np.zeros(int(first[-1]), dtype=np.int64)
    # Layers get numbers with gaps first: a block of numbers for each kind. 0 is the empty layer, on top of its image.
    highest = _fill_bases(hub, repositories, owner, epoch, first, layers)
    _fill_own(hub, dice, repositories, (owner, version, epoch), first, layers, highest + 1)
    layers[first[1:][empty] - 1] = 0
    numbered, distinct = _without_gaps(layers)
    # One entry a distinct layer: its bytes as it is sent, and as it is on a disk.
    sizes = hub.layer_bytes.draw(dice, distinct)
    unpacked = sizes * hub.unpacking_percent.draw(dice, distinct) // 100
    if empty.any():
        sizes[0], unpacked[0] = EMPTY_BYTES, EMPTY_UNPACKED
    pulls = _pulls(hub, dice, repositories.versions, version, owner)
    return Population(
        hub, owner.astype(np.int32), version.astype(np.int32), day.astype(np.int32), first, numbered, sizes, unpacked,
        pulls,
    )  # fmt: skip


def _repositories(hub: Hub, dice: Dice) -> Repositories:
    """Draw repositories until their versions make up all images, and choose a base for each."""
    versions = hub.images_a_repository.draw(dice, 256)
    while int(versions.sum()) < hub.images:
        versions = np.concatenate((versions, hub.images_a_repository.draw(dice, len(versions))))
    # Drop the repositories too many, and the versions too many of the last one.
    n = int(np.searchsorted(np.cumsum(versions), hub.images)) + 1
    versions = versions[:n]
    versions[-1] -= int(versions.sum()) - hub.images
    layers = hub.layers_an_image.draw(dice, n)
    # Popular bases are chosen more often. A repository chooses a language image, and the system comes with that.
    runtime = dice.ranks(n, zipf_weights(hub.runtimes, hub.base_skew))
    system_of_runtime = dice.ranks(hub.runtimes, zipf_weights(hub.systems, hub.base_skew))
    added = 1 + dice.below(hub.runtimes, hub.runtime_layers)
    system, with_runtime = system_of_runtime[runtime], hub.system_layers + added[runtime]
    # An image with few layers has no room for a language image, and one with very few has no room for a system.
    runtime = np.where(layers > with_runtime, runtime, -1)
    base = np.where(runtime >= 0, with_runtime, np.where(layers > hub.system_layers, hub.system_layers, 0))
    first_day = dice.below(n, PERIOD_DAYS)
    interval = 1 + dice.below(n, 2 * hub.version_days)
    return Repositories(versions, system, runtime, base, layers - base, first_day, interval)


def _fill_bases(
    hub: Hub, repositories: Repositories, owner: Integers, epoch: Integers, first: Integers, layers: Integers
) -> int:
    """Write the layers of each image's base into ``layers``; return the highest number that they may have."""
    epochs = int(epoch.max()) + 1
    # One entry a reference to a base layer: its position in the image, its place in ``layers``, its base, its epoch.
    base = repositories.base_layers[owner]
    position = places_in_groups(base)
    place = np.repeat(first[:-1], base) + position
    system, runtime = (np.repeat(column[owner], base) for column in (repositories.system, repositories.runtime))
    built_in = np.repeat(epoch, base)
    # A layer's number follows from (base, epoch, position) alone, so images with the same base in the same epoch get
    # the same numbers: that is how they share layers.
    of_system = 1 + (system * epochs + built_in) * hub.system_layers + position
    start = 1 + hub.systems * epochs * hub.system_layers
    of_runtime = start + (runtime * epochs + built_in) * hub.runtime_layers + position - hub.system_layers
    layers[place] = np.where(position < hub.system_layers, of_system, of_runtime)
    return start + hub.runtimes * epochs * hub.runtime_layers


def _fill_own(
    hub: Hub, dice: Dice, repositories: Repositories, images: tuple[Integers, Integers, Integers],
    first: Integers, layers: Integers, start: int,
) -> None:  # fmt: skip
    """Write each image's own layers: those of the version before up to the first change, new ones from there on."""
    owner, version, epoch = images
    n, own = len(owner), repositories.own_layers[owner]
    # The lowest own layer that a version changes: 0, all of them, in a first version and on a base that was rebuilt.
    rebuilt = np.concatenate(([True], (epoch[1:] != epoch[:-1]))) & (repositories.base_layers[owner] > 0)
    changed = np.where(dice.chance(n, hub.only_last), own - 1, dice.below(n, own))
    changed = np.where(rebuilt | (version == 0), 0, changed)
    position = places_in_groups(own)
    # Subtle: ``in_time`` sorts the references so that the versions of one layer are neighbours: all versions of a
    # repository's first layer, then all of its second. In that order a reference is either new, or the same layer as
    # the one before it, so counting the new ones gives each its number.
    references = repositories.own_layers * repositories.versions
    in_time = np.repeat((np.cumsum(references) - references)[owner] + version, own)
    in_time += position * np.repeat(repositories.versions[owner], own)
    new = np.zeros(len(position), dtype=np.int64)
    new[in_time] = position >= np.repeat(changed, own)
    numbers = np.cumsum(new) - 1 + start
    layers[np.repeat(first[:-1] + repositories.base_layers[owner], own) + position] = numbers[in_time]


def _without_gaps(layers: Integers) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], int]:
    """Renumber the layers that occur from 0, in the order of their numbers; return how many there are as well."""
    used = np.zeros(int(layers.max()) + 1, dtype=bool)
    used[layers] = True
    numbers = (np.cumsum(used) - 1).astype(np.int32)
    return numbers[layers], int(numbers[-1]) + 1


def _pulls(hub: Hub, dice: Dice, versions: Integers, version: Integers, owner: Integers) -> Integers:
    """Divide the pulls among repositories by popularity; the newest version gets half, the one before a quarter, ..."""
    n = len(versions)
    rank = np.argsort(dice.raw(n), kind="stable")
    weights = np.empty(n, dtype=np.float64)
    weights[rank] = zipf_weights(n, hub.pull_skew)
    # 1/2 + 1/4 + … stays below 1 when the versions run out, so the parts are scaled up to a sum of 1.
    age = np.minimum(versions[owner] - 1 - version, 40)
    parts = 0.5 ** (age + 1.0) / (1 - 0.5 ** np.minimum(versions[owner], 41))
    share = weights[owner] / weights.sum() * parts
    return np.asarray(np.floor(share * hub.pulls_an_image * hub.images), dtype=np.int64)
