"""The registries that people meet: what each does, with its source, as data over one mechanism."""
