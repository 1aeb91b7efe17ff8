"""Many machines pull at once: from the registry, a mirror, a cache, or from each other. Modelled, on SimPy."""

from simregistry.study.fleet.fleet import WAYS, Fleet, Site, pull_all
from simregistry.study.fleet.swarm import Swarm, swarm

__all__ = ["WAYS", "Fleet", "Site", "Swarm", "pull_all", "swarm"]
