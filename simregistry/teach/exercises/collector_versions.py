"""Tags, retention, collection: what an old collector breaks, and a new one doesn't."""

from __future__ import annotations

import random

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.registry.gc.distribution import Distribution
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.table import Table
from simregistry.teach.answers import SomeOf
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Misconception, Problem, beliefs


def old_or_new_collector(dice: random.Random) -> Problem:
    """Ask which tags can be pulled after an old or a new collector ran."""
    registry, service, platforms, tagged = _an_index_and_more(dice)
    version, collector = dice.choice((("2.8", DISTRIBUTION_2_8), ("3", DISTRIBUTION_3)))
    untagged = dice.random() < 0.75
    tags, broken = _broken_by(collector, registry, untagged, service)
    option = "with" if untagged else "without"
    return Problem(
        text=(
            f"{service}:many is an index that lists two manifests, for linux/{platforms[0]} and linux/{platforms[1]}. "
            f"{'The first has the tag child, and the second has no tag.' if tagged else 'Neither of them has a tag.'} "
            f"Every other tag points at one manifest. The collector of CNCF distribution {version} runs {option} "
            "--delete-untagged. Which tags can no longer be pulled on every platform?"
        ),
        answer=SomeOf(broken, tags),
        misconceptions=_beliefs_on_old_or_new_collector(tags, broken),
        hints=(
            "At which manifests does a collector begin with --delete-untagged?",
            "Version 3 follows an index down to its manifests. Version 2.8 doesn't.",
        ),
        why=(
            "With --delete-untagged, version 2.8 deletes manifests of an index that have no tag (distribution issue "
            "3004). Version 3 follows the index."
        ),
        given=Table(("tag",), tuple((tag,) for tag in tags)),
    )


def _broken_by(
    collector: Distribution, registry: Registry, untagged: bool, service: str
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Plan a collection, and find the tags that it breaks."""
    plan = collector.plan(take_inventory(registry.storage), delete_untagged=untagged)
    tags = registry.tags(service)
    broken = frozenset(
        tag
        for tag in tags
        if _broken(registry, service, tag, set(plan.swept), {digest for _, digest in plan.manifests})
    )
    return tags, broken


def _an_index_and_more(dice: random.Random) -> tuple[Registry, str, list[str], bool]:
    """Draw a repository with an index and images of one manifest."""
    registry, service = Registry(HOST), dice.choice(SERVICES)
    platforms = dice.sample(("amd64", "arm64", "s390x"), 2)
    children = {
        f"linux/{arch}": SmallImage.of_files([("bin/base", "base\n"), (f"bin/{arch}", f"{arch}\n")])
        for arch in platforms
    }
    push_small(registry, service, "many", SmallIndex.of_platforms(children))
    for tag in dice.sample(("one", "two", "three"), dice.randint(1, 2)):
        image = SmallImage.of_files([("bin/base", "base\n"), (f"app/{tag}", f"{tag} {dice.randint(1, 99)}\n")])
        push_small(registry, service, tag, image)
    if tagged := dice.random() < 0.3:
        push_small(registry, service, "child", children[f"linux/{platforms[0]}"])
    return registry, service, platforms, tagged


def _beliefs_on_old_or_new_collector(tags: tuple[str, ...], broken: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a collector never breaks what has a tag", frozenset(),
         "Version 2.8 with --delete-untagged deletes every manifest without a tag, even if an index names it."),
        ("an index's manifests always count as untagged", frozenset({"many"}),
         "They have no tag, but that isn't always enough. Version 3 follows the index, and without the option no "
         "manifest is deleted."),
        ("everything is lost with the option", frozenset(tags),
         "A manifest with a tag is a root for both versions."),
        unless=broken,
    )  # fmt: skip


def _broken(registry: Registry, name: str, tag: str, swept: set[Digest], manifests: set[Digest]) -> bool:
    document = registry.manifest(name, tag)
    below = (
        [registry.manifest(name, str(manifest.digest)) for manifest in document.manifests]
        if isinstance(document, ImageIndex)
        else [document]
    )
    gone = swept | manifests
    return any(
        manifest.digest in gone or any(blob.digest in gone for blob in getattr(manifest, "blobs", ()))
        for manifest in below
    )
