"""Exercises of lesson 07."""

from __future__ import annotations

from simregistry.teach.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
