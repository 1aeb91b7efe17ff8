"""Experiments over every combination of some settings."""
