"""Experiments: parameters in, frozen results out."""
