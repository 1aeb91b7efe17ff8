"""The six readers under one function: it takes the name of a syntax and a policy, and returns rules that decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from simregistry.errors import InvalidValue
from simregistry.registry.products.acr.policy import AcrPurge
from simregistry.registry.products.artifact_registry.policy import GarCleanup
from simregistry.registry.products.artifactory.policy import ArtifactoryTags
from simregistry.registry.products.ecr.policy import EcrLifecycle
from simregistry.registry.products.harbor.policy import HarborRetention
from simregistry.registry.products.nexus.policy import NexusCleanup
from simregistry.registry.retention import Decision, Subject


class Policy(Protocol):
    """Rules that were read, of whichever system."""

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide each subject, in the order given; nothing is changed."""
        ...


SYNTAXES: Mapping[str, Callable[[str], Policy]] = {
    "ecr-lifecycle": EcrLifecycle.parse,
    "gar-cleanup": GarCleanup.parse,
    "acr-purge": AcrPurge.parse,
    "artifactory-max-unique-tags": ArtifactoryTags.parse,
    "nexus-cleanup": NexusCleanup.parse,
    "harbor-retention": HarborRetention.parse,
}


def parse_policy(syntax: str, text: str) -> Policy:
    """Read rules in a system's own syntax, or raise InvalidValue.

    >>> parse_policy("artifactory-max-unique-tags", '{"max_unique_tags": 3}')
    ArtifactoryTags(max_unique_tags=3, tag_retention=1)
    """
    if syntax not in SYNTAXES:
        raise InvalidValue("syntax", syntax, f"write one of {', '.join(SYNTAXES)}")
    return SYNTAXES[syntax](text)
