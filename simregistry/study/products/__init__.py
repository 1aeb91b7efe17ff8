"""One scenario against every family: where seven registries part."""
