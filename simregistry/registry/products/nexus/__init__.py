"""Sonatype Nexus Repository."""
