"""What the tests of several lessons begin with."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry
from simregistry.study.examples import webapp


@pytest.fixture
def registry():
    """A registry with two versions of the web app."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
    return registry
