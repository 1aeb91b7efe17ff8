"""Build the reference pages: `make docs`. Static HTML in build/docs that needs no network, made with pdoc (MIT-0).

The tables of exports say what lessons use: each package has a page, with a section for each group. Each room has a page
that lists its files. Each source file has a page with its lines, and the other pages link to those.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import warnings
from importlib import import_module
from pathlib import Path

from docstrings import first_paragraph
from entries import Package, bare_values, called, constructor, is_public, shown_members
from markupsafe import Markup
from pdoc import render, render_helpers, search
from places import Links, page_of, places
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from rooms import ROOT, File, Room, read_files, read_rooms

# hashlib keeps the type of a hash private; a signature shows the name as it is written.
warnings.filterwarnings("ignore", message=".*_Hash", module="pdoc")
PACKAGES = ("simregistry", "simregistry.show", "simregistry.study", "simregistry.teach")
TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """All pages, from one reading of the source."""

    def __init__(self) -> None:
        self.packages = {name: Package(import_module(name)) for name in PACKAGES}
        self.files = read_files()
        self.rooms = read_rooms(self.files)
        self.links = Links(places(self.packages.values(), self.files), self.files, PACKAGES)
        render.configure(template_directory=TEMPLATES, search=True, show_source=False, include_undocumented=False)
        render.env.filters |= {
            "linkify": self.links.linkify, "source": self.links.source, "to": self.links.to, "place": self.links.place,
            "anchor": anchor, "inline": inline, "called": called,
        }  # fmt: skip
        render.env.globals |= {
            "packages": self.packages, "rooms": self.rooms, "page_of": page_of, "constructor": constructor,
            "shown_members": shown_members, "bare_values": bare_values, "first_paragraph": first_paragraph,
            "dark_code": _dark_code(),
        }  # fmt: skip

    def all(self) -> dict[str, str]:
        """Draw every page: its path, and its HTML."""
        pages = {
            "index.html": self._draw("index", "index.html"),
            "style.css": self._draw("style.css", "style.css"),
            "search.js": self._search(),
        }
        for name, package in self.packages.items():
            pages[page_of(name)] = self._draw("module", page_of(name), module=package)
        pages |= {room.page: self._draw("room", room.page, room=room) for room in self.rooms}
        room_of = {room.name: room for room in self.rooms}
        for file in self.files:
            pages[file.page] = self._draw("source", file.page, file=file, room=room_of[file.room], code=_code(file))
        return pages

    def _draw(self, template: str, page: str, **values: Package | Room | File | str) -> str:
        up = "../" * page.count("/")
        known = {"page": page, "up": up, "all_modules": self.packages, "root_module_name": None} | values
        kind = "" if page.endswith(".css") else ".html"
        return render.env.get_template(f"{template}{kind}.jinja2").render(known)

    def _search(self) -> str:
        """Write the index for the search box: a script, because a page on a disk may load no data."""
        entries = search.make_index(self.packages, lambda member: not member.qualname or is_public(member), "markdown")
        for item in entries:
            item |= {key: self.links.shortened(item[key]) for key in ("signature", "annotation") if key in item}
        return render.env.get_template("search.js.jinja2").render(search_index=json.dumps(entries))


def anchor(heading: str) -> str:
    """Make a heading's anchor.

    >>> anchor("Sharing, and what is kept once")
    'sharing-and-what-is-kept-once'
    """
    return "-".join(re.findall(r"\w+", heading.lower()))


def inline(paragraph: str) -> Markup:
    """Draw a paragraph for a place that is a line already, such as a list's item or a cell."""
    return Markup(render_helpers.to_html(paragraph).strip().removeprefix("<p>").removesuffix("</p>"))


def _dark_code() -> str:
    """Take the colours of a dark style from pygments, without its backgrounds and its style of line numbers."""
    rules = HtmlFormatter(style="github-dark").get_style_defs(".pdoc-code").splitlines()
    return "\n".join(rule for rule in rules if re.match(r"\.pdoc-code \.\w+ {(?!.*background)", rule))


def _code(file: File) -> str:
    """Draw a source file, each line with an anchor."""
    return highlight(
        file.text, PythonLexer(stripnl=False), HtmlFormatter(cssclass="pdoc-code", linenos="inline", linespans="L")
    )


def build(out: Path) -> int:
    """Write all pages into a folder; return how many there are."""
    pages = Pages().all()
    for name, text in pages.items():
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return len(pages)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "docs", help="the folder to write into")
    folder = parser.parse_args().out
    print(f"{build(folder)} files; open {folder / 'index.html'}")
