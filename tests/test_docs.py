"""The reference pages: all that the tables of exports offer, in their order, in pages that need no network."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("simregistry", "simregistry.show", "simregistry.study", "simregistry.teach")
ROOMS = ("oci", "registry", "client", "connect", "study", "show", "teach", "cli")
# A browser fetches these by itself; a person may or may not follow an <a href>.
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
# Tags that have no end.
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
# Colours of words are most of what there is to read, and nothing is asked of them.
COLOURS = re.compile(r'<span class="\w+">|</span>')


@dataclass
class Section:
    """A section of a package's page: its group, its line of code, what it says, and where its source is."""

    name: str
    group: str
    line: str = ""
    says: str = ""
    source: str = ""


@dataclass
class Page(HTMLParser):
    """What a page holds: anchors, links, what a browser fetches, and sections in their order."""

    path: str
    text: str
    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    # Docstrings as they are shown, without their examples.
    prose: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.group = ""
        self.feed(COLOURS.sub("", self.text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names and where it leads."""
        given = {name: value or "" for name, value in attrs}
        kind = given.get("class", "")
        self.anchors += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.fetched += [given[FETCHED[tag]]] if FETCHED.get(tag) in given else []
        if tag == "h2" and kind == "group":
            self.group = ""
        if tag == "section" and "id" in given and self.group:
            self.sections.append(Section(given["id"], self.group))
        if kind == "source-link" and self.sections and not self.sections[-1].source:
            self.sections[-1].source = given["href"]
        if kind == "docstring":
            self.prose.append("")
        if tag not in VOID and tag != "span":
            self.open.append((tag, kind))

    def handle_endtag(self, tag: str) -> None:
        """Close the tags up to this one."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note what is written in a heading, a line of code or a docstring; a section's first ones are its own."""
        kinds = [kind for _, kind in self.open]
        if ("h2", "group") in self.open:
            self.group += data
        if "docstring" in kinds and "pre" not in [tag for tag, _ in self.open]:
            self.prose[-1] += data
        if not self.sections or "classattr" in kinds:
            return
        if "docstring" in kinds:
            self.sections[-1].says += data
        elif any(kind.startswith("attr ") for kind in kinds):
            self.sections[-1].line += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the program has filled, with no word to complain of."""
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, ROOT / ".ci" / "docs" / "build.py", "--out", out]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return out


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Page]:
    """Every page, read."""
    paths = sorted(folder.rglob("*.html"))
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name: Page(name, path.read_text("utf-8")) for name, path in zip(names, paths, strict=True)}


def page_of(package: str) -> str:
    """The page of a package."""
    return package.replace(".", "/") + ".html"


def broken(pages: dict[str, Page], files: set[str]) -> Iterator[str]:
    """Each link inside the pages that leads nowhere."""
    anchors = {name: set(page.anchors) for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.links:
            if re.match("[a-z]+:", link):
                continue
            target, _, anchor = link.partition("#")
            path = normpath(join(dirname(name), target)) if target else name
            if path not in files or (anchor and anchor not in anchors[path]):
                yield f"{name}: {link}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_sections_are_those_of_the_table_in_its_order(pages, package):
    """A group a heading, a name a section, in the order in which the table of exports lists them."""
    shown: dict[str, list[str]] = {}
    for section in pages[page_of(package)].sections:
        shown.setdefault(section.group, []).append(section.name)
    table = import_module(package).EXPORTS
    assert list(shown) == list(table)
    assert shown == {group: list(names) for group, names in table.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_says_what_it_is(pages, package):
    """Each section has the name in a line of code, a docstring, and a link to a line of the source, or to a module."""
    sections = pages[page_of(package)].sections
    assert [section.name for section in sections if section.name not in section.line] == []
    assert [section.name for section in sections if len(section.says.split()) < 3] == []
    lines = [section.name for section in sections if re.search(r"source/.*\.py\.html#L-\d+$", section.source)]
    modules = [section.name for section in sections if section.line.split()[0] == "module" and section.source]
    assert sorted(lines + modules) == sorted(section.name for section in sections)


def test_a_function_is_shown_with_its_arguments(pages):
    """As it is called: its arguments with types, without ``self``, and types without their modules."""
    lines = {section.name: " ".join(section.line.split()) for section in pages["simregistry.html"].sections}
    assert lines["stack"].startswith("def stack(")
    assert "Changeset" in lines["stack"] and "simregistry." not in lines["stack"]
    assert "registries: Iterable[RegistryHandler] = ()" in lines["Client"]
    assert "self" not in lines["Client"]


def test_a_source_link_leads_to_the_line_that_defines_the_name(pages):
    """The line reads ``class Client``; it is not the file alone."""
    (section,) = [section for section in pages["simregistry.html"].sections if section.name == "Client"]
    path, _, anchor = section.source.partition("#")
    line = re.search(rf'<span id="{anchor}">(.*)', pages[path].text)
    assert "class Client" in re.sub("<[^>]*>", "", line[1])


def test_no_link_is_broken(folder, pages):
    """Each link inside the pages leads to a file, and each anchor to its place."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert list(broken(pages, files)) == []
    assert [name for name, page in pages.items() if len(set(page.anchors)) < len(page.anchors)] == []


def test_a_broken_link_is_found():
    """The check itself tells a link that leads nowhere from one that leads somewhere."""
    here = Page("a/here.html", '<p id="top"><a href="#top"></a><a href="../b.html#x"></a><a href="#no"></a></p>')
    there = Page("b.html", '<a href="a/here.html#top"></a><a href="gone.html"></a>')
    found = list(broken({"a/here.html": here, "b.html": there}, {"a/here.html", "b.html"}))
    assert found == ["a/here.html: ../b.html#x", "a/here.html: #no", "b.html: gone.html"]


def test_every_result_of_a_search_leads_to_its_section(folder, pages):
    """The search box knows every name of the tables, and each result's address exists."""
    index = re.search(r"const docs = (\[.*?\]);\n", (folder / "search.js").read_text("utf-8"))
    results = json.loads(index[1])
    lost = [
        item
        for item in results
        if item.get("qualname", item["modulename"]) not in pages[page_of(item["modulename"])].anchors
    ]
    assert [item["fullname"] for item in lost if "qualname" in item] == []
    wanted = {f"{package}.{name}" for package in PACKAGES for name in import_module(package).__all__}
    assert wanted <= {item["fullname"] for item in results}


def test_the_pages_need_no_network(folder, pages):
    """No style, script, font or picture comes from elsewhere; what a browser fetches is beside the pages."""
    fetched = {
        name: [url for url in page.fetched if re.match("(?!data:)[a-z]*:?//|[a-z]+:(?!image)", url)]
        for name, page in pages.items()
    }
    assert {name: urls for name, urls in fetched.items() if urls} == {}
    style = (folder / "style.css").read_text("utf-8")
    assert re.findall(r"@import|url\((?!\s*[\"']?data:)[^)]*", style) == []
    scripts = [
        (folder / "search.js").read_text("utf-8"),
        *(page.text for page in pages.values() if "<script" in page.text),
    ]
    assert [script for script in scripts if re.search(r"(?:fetch|XMLHttpRequest|importScripts)\(", script)] == []


def test_docstrings_are_rendered(pages):
    """Code is shown as code, and an example in a block of its own: no mark-up is left to read."""
    prose = [(name, text) for name, page in pages.items() for text in page.prose]
    assert len(prose) > 300
    assert [(name, text) for name, text in prose if re.search(r"``|>>>|&[a-z]+;", text)] == []
    assert '<span class="gp">&gt;&gt;&gt; </span>' in pages["simregistry.html"].text


def test_every_file_has_its_source_page_and_is_listed_in_its_room(pages):
    """A file of the package has a page with all its lines; its room's page lists it."""
    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "simregistry").rglob("*.py"))]
    assert {f"source/{path}.html" for path in files} == {name for name in pages if name.startswith("source/")}
    for path in files:
        count = (ROOT / path).read_text("utf-8").count("\n")
        anchors = [anchor for anchor in pages[f"source/{path}.html"].anchors if anchor.startswith("L-")]
        assert len(anchors) == count, path
        room = path.split("/")[1] if path.split("/")[1] in ROOMS else "ground"
        assert f"../source/{path}.html" in pages[f"rooms/{room}.html"].links, path


def test_the_examples_of_the_program_are_true():
    """The docstrings' examples of the files that build the pages run, as those of the package do."""
    files = [ROOT / ".ci" / "docs" / name for name in ("build.py", "docstrings.py")]
    ran = subprocess.run([sys.executable, "-m", "doctest", *files], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout + ran.stderr
    assert all(">>>" in file.read_text("utf-8") for file in files)
