"""Retention rules in the systems' own words: each is read as its system writes it, and decides as its system does."""
