"""The collector of CNCF distribution 3: it follows an index, and drops links that nothing needs."""

from simregistry.registry.gc.distribution import Distribution

DISTRIBUTION_3 = Distribution("distribution-3", follows_index=True, gives_up_without_tags=False, drops_links=True)
