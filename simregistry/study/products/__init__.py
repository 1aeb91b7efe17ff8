"""One scenario against every product: where seven registries part."""
