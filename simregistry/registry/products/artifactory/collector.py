"""Artifactory's trash can: what was deleted can be restored for some days."""

from simregistry.registry.gc.grace_and_trash import DAY, TwoStage

ARTIFACTORY = TwoStage("artifactory-trash", 14 * DAY, "a site's guide: 14 days; the vendor's default was not read")
