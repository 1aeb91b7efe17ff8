"""Doors to the real world: what stands outside comes in as the core's values, and goes out as others write it."""
