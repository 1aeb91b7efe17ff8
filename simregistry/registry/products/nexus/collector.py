"""Nexus deletes softly, and a task takes the bytes later."""

from simregistry.registry.gc.grace_and_trash import TwoStage

NEXUS = TwoStage("nexus", 0, "Sonatype documentation: disk space returns with the task Compact blob store")
