"""The collector of CNCF distribution 2.8: it does not follow an index."""

from simregistry.registry.gc.distribution import Distribution

DISTRIBUTION_2_8 = Distribution("distribution-2.8", follows_index=False, gives_up_without_tags=True, drops_links=False)
