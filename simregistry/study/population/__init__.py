"""Made hubs: a population of images drawn from published distributions, as columns."""

from simregistry.study.population.build import populate
from simregistry.study.population.hub import Hub
from simregistry.study.population.population import Population
from simregistry.study.population.sharing import PopulationSharing

__all__ = ["Hub", "Population", "PopulationSharing", "populate"]
