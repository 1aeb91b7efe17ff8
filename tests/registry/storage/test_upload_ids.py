"""The ids of uploads: the same on every machine in a lesson, and nobody's guess where a registry is served."""

from __future__ import annotations

from simregistry import Registry, Request


def test_a_lessons_ids_are_the_same_each_time_and_a_served_registrys_are_made_by_whoever_serves():
    """By a function of the running number, or of nothing at all."""

    def opened(registry: Registry) -> str:
        return registry.handle(Request("POST", "/v2/app/blobs/uploads/")).header("Location").rpartition("/")[2]

    assert opened(Registry()) == opened(Registry())
    served = Registry()
    ids = iter(("first", "second"))
    served.storage.uploads.new_id = lambda _number: next(ids)
    assert (opened(served), opened(served)) == ("first", "second")
