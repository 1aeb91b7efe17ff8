"""What a package offers to lessons: names in groups, each loaded when somebody first asks for it.

So ``from simregistry.study import webapp`` loads the web app and nothing else, and the reference pages are made from
the same table that the names come from.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

# Group → name → where it is defined: "module:attribute", or the name of a module alone.
Groups = Mapping[str, Mapping[str, str]]


def exported(package: str, groups: Groups) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Make the ``__all__``, ``__getattr__`` and ``__dir__`` of a package out of its table of groups (PEP 562).

    >>> names, getter, _ = exported("example", {"Values": {"Digest": "simregistry.oci.digest:Digest"}})
    >>> names, getter("Digest").__name__
    (['Digest'], 'Digest')
    """
    places = {name: place for group in groups.values() for name, place in group.items()}

    def get(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(sorted(places))}")
        module, _, attribute = places[name].partition(":")
        value = getattr(import_module(module), attribute) if attribute else import_module(module)
        # Python asks here only for what the package does not have yet: the next use is an ordinary look-up.
        if package in sys.modules:
            setattr(sys.modules[package], name, value)
        return value

    return sorted(places), get, lambda: sorted(places)
