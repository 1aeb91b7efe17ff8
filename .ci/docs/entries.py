"""Turn the tables of exports into pdoc's documentation objects: a page for each package, a section for each name."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from types import ModuleType

from docstrings import comment_above, markdown
from pdoc import doc


class Shown:
    """A default value that a signature shows in other words than its ``repr``."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __repr__(self) -> str:
        return self.words


class Package(doc.Module):
    """A package as its table of exports has it: ``groups`` holds the sections, in the order of the table."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module)
        self.docstring = markdown(inspect.getdoc(module) or "")

    @cached_property
    def groups(self) -> dict[str, list[doc.Doc]]:
        """The sections, a list a group."""
        return {
            group: [entry(self.modulename, name, place) for name, place in names.items()]
            for group, names in self.obj.EXPORTS.items()
        }

    @cached_property
    def members(self) -> dict[str, doc.Doc]:
        """All sections by name: pdoc's search reads this."""
        return {member.name: member for group in self.groups.values() for member in group}

    submodules: Mapping[str, doc.Module] = {}


class OfferedModule(doc.Class):
    """A module that a table offers by name, such as ``webapp``: a section, with what it offers inside.

    pdoc nests members in classes alone, so it is one for pdoc.
    """

    kind = "module"
    bases = ()
    decorators = ()

    @cached_property
    def members(self) -> dict[str, doc.Doc]:
        """What the module offers, without the names that have a section of their own."""
        own_sections = {place for group in import_module(self.modulename).EXPORTS.values() for place in group.values()}
        return {
            name: entry(self.modulename, f"{self.qualname}.{name}", place)
            for name, place in offered(self.obj)
            if place not in own_sections
        }

    @cached_property
    def own_members(self) -> list[doc.Doc]:
        """The same as a list: nothing is inherited."""
        return list(self.members.values())


def offered(module: ModuleType) -> Iterator[tuple[str, str]]:
    """List what a module offers, each name with the place that defines it."""
    plain = doc.Module(module)
    for name, member in plain.members.items():
        if not name.startswith("_"):
            yield name, f"{definer(module, name)}:{name}" if member.kind == "variable" else ":".join(member.taken_from)


def definer(module: ModuleType, name: str) -> str:
    """Find the module that a value was imported from, by the import that names it; a value does not know itself."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ImportFrom) and any(name == alias.name for alias in node.names):
            return node.module or module.__name__
    return module.__name__


def entry(package: str, name: str, place: str) -> doc.Doc:
    """Make the section of one name."""
    where, _, attribute = place.partition(":")
    module = import_module(where)
    if not attribute:
        section = OfferedModule(package, name, module, (where, ""))
    elif inspect.isclass(value := getattr(module, attribute)):
        section = doc.Class(package, name, value, (where, attribute))
        tidy(section)
    elif inspect.isroutine(value) or hasattr(value, "__wrapped__"):
        section = readable(doc.Function(package, name, value, (where, attribute)))
    else:
        section = variable(package, name, module, attribute)
    section.docstring = markdown(section.docstring)
    return section


def variable(package: str, name: str, module: ModuleType, attribute: str) -> doc.Variable:
    """Make the section of a value; the comment above its assignment says what it is."""
    value = getattr(module, attribute)
    known = doc.Module(module)._var_annotations.get(attribute, doc.empty)
    first = type(value[0]) if isinstance(value, tuple) and value else None
    several = first and first.__module__.startswith("simregistry") and all(type(item) is first for item in value)
    guessed = tuple[first, ...] if several else type(value)
    short = len(repr(value)) <= 100 and "<function" not in repr(value)
    return doc.Variable(
        package, name, taken_from=(module.__name__, attribute), docstring=comment_above(module, attribute),
        annotation=guessed if known is doc.empty else known, default_value=value if short else doc.empty,
    )  # fmt: skip


def tidy(section: doc.Class) -> None:
    """Make the docstrings and signatures of a class's members fit to be shown."""
    for member in section.members.values():
        member.docstring = markdown(member.docstring)
        if isinstance(member, doc.Function):
            readable(member, section._var_annotations if member.name == "__init__" else {})


def readable(function: doc.Function, fields: Mapping[str, object] | None = None) -> doc.Function:
    """Show a default such as ``<function …>`` or ``<factory>`` as three dots: there is one, and the source has it.

    A dataclass inherits fields from other modules: their types are those of the ``fields``, for its own module may
    not know the names.
    """
    with warnings.catch_warnings():
        if fields:
            warnings.simplefilter("ignore")
        signature = function.signature
    parameters = []
    for parameter in signature.parameters.values():
        hidden = parameter.default is not parameter.empty and repr(parameter.default).startswith("<")
        kind = (fields or {}).get(parameter.name, parameter.annotation)
        default = Shown("...") if hidden else parameter.default
        parameters.append(parameter.replace(default=default, annotation=kind))
    function.signature = signature.replace(parameters=parameters)
    return function


def shown_members(section: doc.Doc) -> list[doc.Doc]:
    """What a section shows of a class or module: public, with a docstring, and the project's own."""
    if not isinstance(section, doc.Namespace):
        return []
    return [
        member
        for member in section.members.values()
        if is_public(member) and member.taken_from[0].startswith("simregistry")
    ]


def bare_values(section: doc.Doc) -> list[doc.Doc]:
    """What a module offers without a word: values whose names say enough."""
    if not isinstance(section, OfferedModule):
        return []
    return [member for member in section.own_members if member.kind == "variable" and not member.docstring]


def is_public(member: doc.Doc) -> bool:
    """Say whether the pages show it; a constructor is shown in its class's line."""
    return not member.name.startswith("_") and bool(member.docstring)


def called(function: doc.Function) -> inspect.Signature:
    """Show how a function is called: without ``self`` or ``cls``."""
    first = next(iter(function.signature.parameters), "")
    return function.signature_without_self if first in ("self", "cls") else function.signature


def constructor(section: doc.Class) -> inspect.Signature | None:
    """Read how a class is made; None where it has no constructor of its own."""
    made = section.members.get("__init__")
    own = isinstance(made, doc.Function) and made.taken_from[0].startswith("simregistry")
    return made.signature_without_self if own and not getattr(section.obj, "_is_protocol", False) else None
