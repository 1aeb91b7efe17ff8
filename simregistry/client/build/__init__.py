"""Build images: a Dockerfile and its context in, an image in the local store out."""
