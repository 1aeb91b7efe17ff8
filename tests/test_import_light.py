"""`import simregistry` is light: what a fresh interpreter loads with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"matplotlib", "networkx", "ipywidgets", "IPython", "numpy", "simpy"}
PROBE = "import sys; before = set(sys.modules); import {}; print(*sorted(set(sys.modules) - before))"


def brought_in_by(module: str) -> set[str]:
    """The top-level packages that a fresh interpreter loads when it imports the module."""
    ran = subprocess.run([sys.executable, "-c", PROBE.format(module)], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ran.stdout.split()}


@pytest.mark.parametrize("module", ["simregistry", "simregistry.cli"])
def test_the_registry_loads_no_drawing_library(module):
    """`import simregistry` stays light: pictures and widgets come with the room that shows, not before."""
    assert not brought_in_by(module) & HEAVY


def test_the_registry_needs_the_standard_library_alone():
    """All that `import simregistry` brings in is Python's own, so that it runs unchanged in a browser."""
    assert brought_in_by("simregistry") - set(sys.stdlib_module_names) == {"simregistry"}
