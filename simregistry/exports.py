"""What a package offers to lessons: names in groups, each loaded when somebody first asks for it.

So ``from simregistry.study import webapp`` loads the web app and nothing else. Three things are made from one table of
groups, so that they cannot part: the names themselves, the stub file that type checkers and editors read, and the
reference pages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

# Group → name → where it is defined: "module:attribute", or a module alone.
Groups = Mapping[str, Mapping[str, str]]


def exported(package: str, groups: Groups) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Make the ``__all__``, ``__getattr__`` and ``__dir__`` of a package out of its table of groups (PEP 562).

    >>> names, get, _ = exported("example", {"Values": {"Digest": "simregistry.oci.digest:Digest"}})
    >>> names, get("Digest").__name__
    (['Digest'], 'Digest')
    """
    places = {name: place for group in groups.values() for name, place in group.items()}

    def get(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(sorted(places))}")
        module, _, attribute = places[name].partition(":")
        value = getattr(import_module(module), attribute) if attribute else import_module(module)
        # Python asks here only for what the package lacks: from now on this name is an ordinary look-up.
        if package in sys.modules:
            setattr(sys.modules[package], name, value)
        return value

    return sorted(places), get, lambda: sorted(places)


def stub(groups: Groups) -> str:
    """Write the stub file (PEP 484) that says the same to a type checker: each name, imported from its own module.

    >>> print(stub({"Values": {"Digest": "simregistry.oci.digest:Digest"}}), end="")
    # Written by .ci/stubs.py from the table of exports; change the table.
    # Values
    from simregistry.oci.digest import Digest as Digest
    """
    lines = ["# Written by .ci/stubs.py from the table of exports; change the table."]
    for group, names in groups.items():
        lines.append(f"# {group}")
        for name, place in sorted(names.items()):
            module, _, attribute = place.partition(":")
            if not attribute:
                module, _, attribute = module.rpartition(".")
            lines.append(f"from {module} import {attribute} as {name}")
    return "\n".join(lines) + "\n"
