"""Run an experiment for every combination of some settings."""
