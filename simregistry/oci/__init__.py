"""The values of the image-spec and the messages of the distribution-spec; no time, no registry, no I/O."""
