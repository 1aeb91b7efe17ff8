"""zot's collector: it leaves alone what is younger than an hour."""

from simregistry.registry.gc.grace_and_trash import HOUR, Grace

ZOT = Grace("zot", HOUR, "zot, pkg/storage/constants: gc delay 1 hour")
