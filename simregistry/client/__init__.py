"""The workbench: build, push and pull, by messages alone."""
