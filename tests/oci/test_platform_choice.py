"""The entry of an index that a platform gets: never one that it can't run, and of those that it can the best."""

from __future__ import annotations

import itertools

import pytest

from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_MANIFEST
from simregistry.oci.platform_choice import choose_entry


def choice(wanted: str, *offered: str) -> int | None:
    """Which of the platforms is chosen; "" is an entry that names none."""
    entries = [
        Descriptor(OCI_MANIFEST, Digest.of(str(n).encode()), 1, platform=Platform.parse(text) if text else None)
        for n, text in enumerate(offered)
    ]
    chosen = choose_entry(entries, Platform.parse(wanted))
    return None if chosen is None else entries.index(chosen)


# What containerd's platforms.Only gives for each, in the order of the entries.
CHOICES = [
    ("linux/amd64", ("linux/amd64/v2", "linux/amd64"), 1),
    ("linux/amd64", ("linux/amd64/v2", "linux/amd64/v4"), None),
    ("linux/amd64", ("linux/amd64/v1",), 0),
    ("linux/amd64/v3", ("linux/amd64", "linux/amd64/v2", "linux/amd64/v4"), 1),
    ("linux/amd64/v2", ("linux/amd64/v3", "linux/amd64"), 1),
    ("linux/x86_64", ("linux/arm64", "linux/amd64"), 1),
    ("linux/arm/v8", ("linux/arm/v5", "linux/arm/v7", "linux/arm/v6"), 1),
    ("linux/arm/v6", ("linux/arm", "linux/arm/v7"), None),
    ("linux/arm/v5", ("linux/arm/v6", "linux/arm/v5"), 1),
    ("linux/arm", ("linux/arm/v6", "linux/arm", "linux/arm/v7"), 1),
    ("linux/arm/v7", ("linux/arm/v6", "linux/arm"), 1),
    ("linux/arm64", ("linux/arm/v7", "linux/arm64/v8"), 1),
    ("linux/arm64/v8", ("linux/arm64",), 0),
    ("linux/aarch64", ("linux/arm64/8",), 0),
    ("linux/arm64/v9", ("linux/arm64/v8",), 0),
    ("linux/riscv64", ("linux/riscv64",), 0),
    ("linux/mips64le/softfloat", ("linux/mips64le/hardfloat", "linux/mips64le/softfloat"), 1),
    ("windows/amd64", ("linux/amd64", "windows/amd64"), 1),
    ("linux/s390x", ("linux/amd64", "linux/arm64"), None),
]


@pytest.mark.parametrize(("wanted", "offered", "chosen"), CHOICES)
def test_the_best_that_runs_is_chosen(wanted, offered, chosen):
    """A processor runs what was built for the ones before it, and nothing that was built for the ones after it."""
    assert choice(wanted, *offered) == chosen


def test_the_first_of_equals_is_chosen():
    """Whatever the order, two that fit as well are taken in the order of the index."""
    for order in itertools.permutations(("linux/arm/v6", "linux/arm/v7", "linux/arm")):
        first = next(n for n, text in enumerate(order) if text != "linux/arm/v6")
        assert choice("linux/arm/v7", *order) == first


def test_an_entry_without_a_platform_is_taken_if_nothing_else_fits():
    """It may run here; one that is known to run is better."""
    assert choice("linux/amd64", "", "linux/amd64") == 1
    assert choice("linux/amd64", "", "linux/arm64", "") == 0
    assert choice("linux/amd64") is None


def test_another_processor_is_not_chosen_though_it_might_run():
    """containerd falls back from amd64 to 386 and from arm64 to arm; skopeo and podman don't, and nor does this."""
    assert choice("linux/amd64", "linux/386") is None
    assert choice("linux/arm64", "linux/arm/v7") is None


def test_a_variant_of_any_text_is_no_number():
    """What an index says comes from outside."""
    for text in ("v" + "9" * 50, "v8.1", "v-1", "vv", "v²", "²"):
        assert choice("linux/arm64", f"linux/arm64/{text}") is None
        assert choice(f"linux/arm64/{text}", f"linux/arm64/{text}") == 0
