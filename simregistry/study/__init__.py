"""Experiments: parameters in, frozen results out."""

from simregistry.study.grid import Sweep, sweep

__all__ = ["Sweep", "sweep"]
