"""What the real collectors of CNCF distribution did to 24 storage folders, held against what is planned for each.

`tests/data/gc`: after a random history each, what ``registry garbage-collect`` of 2.8.2 (Debian's package) and of 3
(the main branch of August 2026) deleted from a copy.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from simregistry.connect.storage_folder import read_storage
from simregistry.registry.products.collectors import COLLECTORS

DATA = Path(__file__).parents[2] / "data" / "gc"
RECORDED = sorted(DATA.glob("*.json"))
VERSIONS = {"v2.8.2": "distribution-2.8", "v3": "distribution-3"}


def folder_of(recorded: Path, into: Path) -> Path:
    """The storage folder that belongs to a recording, unpacked."""
    with tarfile.open(recorded.with_name(f"{recorded.name.removesuffix('.json')}.tar.gz")) as archive:
        archive.extractall(into, filter="data")
    return into / "storage"


def test_there_are_24():
    """Without this, an empty folder would pass."""
    assert len(RECORDED) == 24


@pytest.mark.parametrize("untagged", [False, True], ids=["plain", "delete_untagged"])
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.name.removesuffix(".json"))
def test_the_plan_is_what_the_real_collector_did(recorded, untagged, tmp_path):
    """Exit status, blobs, bytes and manifests."""
    record = json.loads(recorded.read_text(encoding="utf-8"))
    inventory = read_storage(folder_of(recorded, tmp_path))
    assert (len(inventory.blobs), inventory.stored_bytes) == (record["blobs_before"], record["bytes_before"])
    assert list(inventory.manifests()) == record["manifests_before"]
    plan = COLLECTORS[VERSIONS[record["registry"]]].plan(inventory, untagged)
    did = record["delete_untagged" if untagged else "plain"]
    assert int(plan.failed is not None) == did["rc"]
    assert (plan.failed or "") in did.get("stderr", "")
    assert sorted(plan.swept) == did["deleted_blobs"]
    assert plan.freed_bytes == did["freed_bytes"]
    assert list(plan.manifests_after) == did["manifests_after"]


def test_the_two_versions_disagree_somewhere(tmp_path):
    """Else one model would do for both, and this comparison would say little."""
    differ = 0
    for recorded in RECORDED:
        inventory = read_storage(folder_of(recorded, tmp_path / recorded.name))
        plans = [COLLECTORS[name].plan(inventory, True) for name in VERSIONS.values()]
        assert (
            COLLECTORS["distribution-2.8"].plan(inventory).swept == COLLECTORS["distribution-3"].plan(inventory).swept
        )
        differ += plans[0].swept != plans[1].swept
    assert differ > 5
