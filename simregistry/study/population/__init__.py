"""Made hubs: a population of images drawn from published distributions, as columns."""

from simregistry.study.population.column_sharing import PopulationSharing
from simregistry.study.population.hub import Hub
from simregistry.study.population.populate import populate
from simregistry.study.population.population import Population

__all__ = ["Hub", "Population", "PopulationSharing", "populate"]
