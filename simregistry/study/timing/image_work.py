"""The work of pulling an image of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from simregistry.client.client import Client
from simregistry.registry.registry import Registry
from simregistry.study.examples import catalogue
from simregistry.study.timing.work import UNPACKING, Work, work_of_pull


def work_of_image(name: str, already: Iterable[str] = (), unpacking: float = UNPACKING) -> Work:
    """Pull a catalogue image with our client, which may have some images already, and give the work of that pull.

    >>> work_of_image("python:3.12", already=["python:3.13"]).down < work_of_image("python:3.12").down
    True
    """
    held = list(already)
    registry = catalogue.load(Registry("docker.io"), [name, *held])
    client = Client(registries=[registry])
    for each in held:
        client.pull(each)
    return work_of_pull(client.pull(name), unpacking)
