"""Beside the real collector: random histories on Debian's docker-registry 2.8.2, then its verdict and ours, in both modes."""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import pytest
from damage import DAMAGES
from histories import History
from long_runs import long_after
from peers import DockerRegistry

from simregistry.connect.storage_folder import read_storage
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8

# Ten in `make test`, the others in `make test-long`.
# More for a night: `GC_SEEDS=200 pytest tests/registry/gc/test_live.py`; other ones: GC_FIRST_SEED=1000.
FIRST = int(os.environ.get("GC_FIRST_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("GC_SEEDS", "40")))
DAMAGED = range(FIRST, FIRST + int(os.environ.get("GC_DAMAGED_SEEDS", "3")))
# Why a manifest cannot be read is said in the words of Go's JSON reader, or of Python's.
UNREADABLE = re.compile(r"(failed to retrieve manifest for digest \S+:).*", re.DOTALL)


def real_verdict(storage: Path, copy: Path, *flags: str) -> dict[str, object]:
    """What the real collector did to a copy of a storage folder."""
    shutil.copytree(storage, copy)
    before = read_storage(copy)
    ended = DockerRegistry(copy).collect(*flags)
    after = read_storage(copy)
    message = ended.stderr.partition("failed to garbage collect: ")[2].strip()
    return {
        "failed": UNREADABLE.sub(r"\1", message.splitlines()[0]) if ended.returncode else None,
        "deleted": sorted(before.blobs.keys() - after.blobs.keys()),
        "freed": before.stored_bytes - after.stored_bytes,
        "manifests": after.manifests() if (copy / "docker").exists() else (),
    }


def our_verdict(storage: Path, delete_untagged: bool) -> dict[str, object]:
    """What the modelled collector plans for it."""
    plan = DISTRIBUTION_2_8.plan(read_storage(storage), delete_untagged)
    return {
        "failed": plan.failed and UNREADABLE.sub(r"\1", plan.failed),
        "deleted": sorted(plan.swept),
        "freed": plan.freed_bytes,
        "manifests": plan.manifests_after,
    }


@pytest.fixture(params=long_after(10, SEEDS))
def storage(request, tmp_path: Path) -> Path:
    """A storage folder after one seed's history."""
    folder = tmp_path / "storage"
    folder.mkdir()
    dice = random.Random(request.param)
    with DockerRegistry(folder) as registry:
        History(registry, dice).run(dice.randint(3, 25))
    return folder


def test_the_verdicts_agree_blob_by_blob_and_manifest_by_manifest(storage, tmp_path):
    """In both modes; and planning has changed nothing."""
    before = sorted((path, path.stat().st_mtime_ns) for path in storage.rglob("*"))
    ours = [our_verdict(storage, untagged) for untagged in (False, True)]
    assert before == sorted((path, path.stat().st_mtime_ns) for path in storage.rglob("*"))
    assert ours[0] == real_verdict(storage, tmp_path / "plain")
    assert ours[1] == real_verdict(storage, tmp_path / "untagged", "--delete-untagged")


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("seed", long_after(1, DAMAGED))
def test_the_verdicts_agree_on_damaged_folders_too(damage, seed, tmp_path):
    """What stops the real collector stops the model, with its words; what it passes over is passed over."""
    folder = tmp_path / "storage"
    folder.mkdir()
    dice = random.Random(seed)
    with DockerRegistry(folder) as registry:
        History(registry, dice).run(12)
    damage(dice, folder)
    assert our_verdict(folder, False) == real_verdict(folder, tmp_path / "plain")
    assert our_verdict(folder, True) == real_verdict(folder, tmp_path / "untagged", "--delete-untagged")
