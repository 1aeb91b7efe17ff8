"""Harbor's collector: it leaves alone what is younger than two hours."""

from simregistry.registry.gc.grace_and_trash import HOUR, Grace

HARBOR = Grace("harbor", 2 * HOUR, "Harbor documentation, administration/garbage-collection: 2 hours")
