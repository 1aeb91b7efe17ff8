"""The work of pulling an image of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from simregistry.client.client import Client
from simregistry.registry.registry import Registry
from simregistry.study.examples import catalogue
from simregistry.study.timing.work import UNPACKING, Work, work_of_pull


def work_of_image(name: str, already: Iterable[str] = (), unpacking: float = UNPACKING) -> Work:
    """Pull a catalogue image with a client that has the images ``already``, and return the work of that pull.

    >>> work_of_image("python:3.12", already=["python:3.13"]).down < work_of_image("python:3.12").down
    True
    """
    pulled_before = list(already)
    registry = catalogue.load(Registry("docker.io"), [name, *pulled_before])
    client = Client(registries=[registry])
    for image in pulled_before:
        client.pull(image)
    return work_of_pull(client.pull(name), unpacking)
