"""Draw the README's pictures: `make pictures`."""

from __future__ import annotations

from pathlib import Path

from simregistry import Client, Registry, show
from simregistry.study.examples import catalogue, webapp
from simregistry.study.sharing.sharing import Sharing

FOLDER = Path(__file__).parents[1] / "slides" / "pictures"
IMAGES = [
    "buildpack-deps:trixie",
    "python:3.12",
    "python:3.13",
    "ruby:3.4",
    "rust:1",
    "debian:trixie",
    "nginx:latest",
    "debian:trixie-slim",
    "python:3.13-slim",
    "node:24",
    "debian:bookworm",
]


def main() -> None:
    """Draw both, and say what they show."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        push = laptop.push(f"registry.example/web:{version}")
    for name, view in (
        ("push-of-v2", show.sequence(push.conversation, "push of v2")),
        ("sharing", show.sharing(Sharing.of_images(catalogue.find(image) for image in IMAGES))),
    ):
        view.save(FOLDER / f"{name}.png")
        print(f"{name}.png: {view}")


if __name__ == "__main__":
    main()
