"""Ways to the real world: read real images and registries into the core's values, and write them as others do."""
