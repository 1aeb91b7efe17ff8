"""Where each name is described: in a section of the pages, or else in the source. Links are made from this."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname, relpath

from entries import Package, shown_members
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from pdoc import doc
from rooms import File

DOT = r'(?:\.|</span><span class="o">\.</span><span class="n">)'
DOTTED = re.compile(rf"(?<![\w/=?#&.])[A-Za-z_]\w*(?:{DOT}[A-Za-z_]\w*)+")
CODE = re.compile(r"<code>([A-Za-z_][\w.]*)(\(\))?</code>")


def page_of(package: str) -> str:
    """Name a package's page; pdoc's search expects it there."""
    return package.replace(".", "/") + ".html"


def places(packages: Iterable[Package], files: Iterable[File]) -> dict[str, str]:
    """List each full name with its address: names of the source first, then those that have a section."""
    known = {}
    for file in files:
        known |= {file.module: file.page} | {f"{file.module}.{name}": file.address(name) for name in file.lines}
    for package in packages:
        for described in described_in(package):
            address = f"{page_of(package.modulename)}#{described.qualname}"
            known |= {described.fullname: address, ".".join(filter(None, described.taken_from)): address}
    return known


def described_in(package: Package) -> Iterator[doc.Doc]:
    """List what a page describes: sections, what is in them, and the methods of a module's classes."""
    for section in package.members.values():
        yield section
        for member in shown_members(section):
            yield member
            yield from shown_members(member)


class Links:
    """Filters for the templates: they know every place, and which page a link is on."""

    def __init__(self, known: Mapping[str, str], files: Iterable[File], packages: Iterable[str]) -> None:
        self.known = known
        self.files = {file.module: file for file in files}
        self.packages = packages

    def href(self, page: str, address: str) -> str:
        """Write an address as seen from a page."""
        target, mark, anchor = address.partition("#")
        return mark + anchor if target == page else relpath(target, dirname(page) or ".") + mark + anchor

    @pass_context
    def linkify(self, context: Context, code: str, namespace: str = "", shorten: bool = True) -> Markup:
        """Link the names in a signature (``shorten``), or those in a docstring's code."""
        page = context["page"]
        if shorten:
            return Markup(DOTTED.sub(lambda name: self._short(page, name[0]), code))
        return Markup(CODE.sub(lambda name: self._mentioned(page, namespace, name), code))

    def _short(self, page: str, written: str) -> str:
        name = re.sub(DOT, ".", written)
        above, _, last = name.rpartition(".")
        if name in self.known:
            return f'<a href="{self.href(page, self.known[name])}">{last}</a>'
        # A dotted string in a default value is no name.
        return last if above in sys.modules else written

    def _mentioned(self, page: str, namespace: str, code: re.Match[str]) -> str:
        name, called = code[1], code[2] or ""
        # A bare word in small letters is more often an argument than a function.
        if not (called or "." in name or name != name.lower()):
            return code[0]
        inner = [f"{package}.{part}{name}" for package in self.packages for part in self._within(namespace)]
        address = next((self.known[full] for full in (*inner, name) if full in self.known), "")
        if not address or address.endswith(f"#{namespace}"):
            return code[0]
        return f'<a href="{self.href(page, address)}"><code>{name}{called}</code></a>'

    def _within(self, namespace: str) -> list[str]:
        parts = namespace.split(".") if namespace else []
        return ["".join(f"{part}." for part in parts[:depth]) for depth in range(len(parts), -1, -1)]

    def shortened(self, code: str) -> str:
        """Write a signature's names without their modules, and without links."""
        return re.sub(r"</?a\b[^>]*>", "", DOTTED.sub(lambda name: self._short("", name[0]), code))

    @pass_context
    def to(self, context: Context, address: str) -> str:
        """Write an address as seen from the page that is being drawn."""
        return self.href(context["page"], address)

    @pass_context
    def place(self, context: Context, name: str) -> str:
        """Write the address at which a full name is described."""
        return self.href(context["page"], self.known[name])

    @pass_context
    def source(self, context: Context, section: doc.Doc) -> str:
        """Write the address of a section's source."""
        module, name = section.taken_from
        return self.href(context["page"], self.files[module].address(name))
