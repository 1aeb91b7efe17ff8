"""Make the slides: `make slides`. One HTML file a deck that needs no network, a PDF, and the notes to read or print.

A deck is Markdown, its slides parted by ``---``. ``![](picture:NAME)`` is a picture that the package draws,
``{{NAME}}`` a number that it finds out, and what follows ``Note: (3 min)`` is for whoever speaks. Everything is put
into the one file: reveal.js (slides/vendor, MIT), style and pictures.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import mistune

SLIDES = Path(__file__).parents[1] / "slides"
sys.path.insert(0, str(SLIDES))

from drawings import drawing  # noqa: E402 - the decks' own modules lie beside them
from facts import fact  # noqa: E402

NOTE = re.compile(r"(?m)^Note: \((\d+) min\)[ \t]*")
PICTURE = re.compile(r"!\[\]\(picture:([a-z-]+)\)")
NUMBER = re.compile(r"\{\{([a-z0-9. ]+)\}\}")
START = """Reveal.initialize({
  plugins: [RevealNotes], hash: true, width: 1280, height: 720, margin: 0.04, controlsTutorial: false,
  slideNumber: "c/t", transition: "none", center: false, pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
});"""


@dataclass(frozen=True)
class Slide:
    """One slide: its title, its HTML, and what is said to it in so many minutes."""

    title: str
    html: str
    note: str
    minutes: int


@dataclass(frozen=True)
class Deck:
    """One deck."""

    name: str
    title: str
    slides: tuple[Slide, ...]


def read_deck(path: Path) -> Deck:
    """Read a deck's source; raises ValueError naming the slide that is wrong."""
    parts = re.split(r"(?m)^---\n", path.read_text("utf-8"))
    slides = tuple(_slide(path.stem, number, part) for number, part in enumerate(parts, 1))
    return Deck(path.stem, slides[0].title, slides)


def _slide(deck: str, number: int, source: str) -> Slide:
    shown, mark, note = source.partition(found[0]) if (found := NOTE.search(source)) else (source, "", "")
    if not mark:
        raise ValueError(f"{deck}, slide {number}: write Note: (3 min) and what is said")
    headings = re.findall(r"(?m)^#+ (.*)$", shown)
    if len(headings) != 1:
        raise ValueError(f"{deck}, slide {number}: one heading a slide, not {len(headings)}")
    text = NUMBER.sub(lambda name: fact(name[1]), shown)
    html = str(mistune.html(PICTURE.sub(lambda name: f"PICTURE-{name[1]}-", text)))
    html = re.sub(r"<p>PICTURE-([a-z-]+)-</p>", lambda name: picture(name[1]), html)
    spoken = str(mistune.html(NUMBER.sub(lambda name: fact(name[1]), note).strip()))
    return Slide(headings[0].strip("*` "), html, spoken, int(NOTE.search(source)[1]))


@cache
def picture(name: str) -> str:
    """Draw a picture and put it into the page, with its sentence for those who do not see it and those who do."""
    view = drawing(name)
    data = base64.b64encode(view.png(200)).decode()
    image = f'<img alt="{escape(view.alt)}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{escape(view.sentence)}</figcaption></figure>"


def page(deck: Deck) -> str:
    """Write the deck as one HTML file."""
    vendor = SLIDES / "vendor" / "reveal.js"
    style, own = (vendor / "reveal.css").read_text("utf-8"), (SLIDES / "style.css").read_text("utf-8")
    sections = "\n".join(
        f"<section>{slide.html}<aside class='notes'><p>{slide.minutes} min</p>{slide.note}</aside></section>"
        for slide in deck.slides
    )
    scripts = "".join(f"<script>{(vendor / name).read_text('utf-8')}</script>" for name in ("reveal.js", "notes.js"))
    return (
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{escape(deck.title)}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{style}\n{own}</style></head>\n"
        f"<body><div class='reveal'><div class='slides'>\n{sections}\n</div></div>\n{scripts}\n"
        f"<script>{START}</script></body></html>\n"
    )


def notes(deck: Deck) -> str:
    """Write what is said, slide by slide, to read before and to print."""
    style = (SLIDES / "notes.css").read_text("utf-8")
    parts = "\n".join(
        f"<section><h2>{number}. {escape(slide.title)} <small>({slide.minutes} min)</small></h2>{slide.note}</section>"
        for number, slide in enumerate(deck.slides, 1)
    )
    return (
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Notes: {escape(deck.title)}</title>"
        f"<style>{style}</style></head>\n<body><h1>{escape(deck.title)}: notes</h1>\n{parts}\n</body></html>\n"
    )


def write(folder: Path, browser: str | None) -> list[Path]:
    """Write all decks; without a browser the PDFs are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for source in sorted(SLIDES.glob("[0-9]-*.md")):
        deck = read_deck(source)
        for name, text in ((f"{deck.name}.html", page(deck)), (f"{deck.name}-notes.html", notes(deck))):
            (folder / name).write_text(text, "utf-8", newline="\n")
            made.append(folder / name)
        print(f"{deck.name}: {len(deck.slides)} slides, {sum(slide.minutes for slide in deck.slides)} min", flush=True)
    if browser:
        made += print_pdfs(browser, [path for path in made if not path.stem.endswith("-notes")])
    return made


def print_pdfs(browser: str, pages: list[Path]) -> list[Path]:
    """Print decks, a page a slide."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for path in pages:
            tab = opened.new_page()
            tab.goto(f"{path.resolve().as_uri()}?print-pdf")
            tab.wait_for_function("() => Reveal.isReady() && document.querySelector('.pdf-page')")
            tab.pdf(path=path.with_suffix(".pdf"), prefer_css_page_size=True, print_background=True)
            tab.close()
        opened.close()
    return [path.with_suffix(".pdf") for path in pages]


def main() -> None:
    """Make them all."""
    reader = argparse.ArgumentParser(description="Make the slides.")
    reader.add_argument("--out", type=Path, default=SLIDES / "build", help="where to (default: slides/build)")
    folder = reader.parse_args().out
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    made = write(folder, browser)
    print(f"{len(made)} files in {folder}" + ("" if browser else "; no PDF, for there is no Chromium here"))


if __name__ == "__main__":
    main()
