"""The slides: five decks of 45 minutes that work from a USB stick, with every number found out when they are made."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
DECKS = sorted((ROOT / "slides").glob("[0-9]-*.md"))
# What a browser would fetch by itself; a link that a person may follow is another thing.
REMOTE = re.compile(
    r"""(?:src|srcset|poster|data)\s*=\s*["']?(?!data:)[a-z]*:?//|<link\b[^>]*href|@import|url\(\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The program that makes them."""
    specification = importlib.util.spec_from_file_location("slides_maker", ROOT / ".ci" / "slides.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["slides_maker"] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def decks(maker):
    """All five, read and filled in."""
    return [maker.read_deck(path) for path in DECKS]


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser; in CI it must be there."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no Chromium on the path")
    return str(found)


def test_there_are_five_decks_of_45_minutes_with_notes_on_every_slide(decks):
    """Eighteen slides at least, one heading each, and minutes that add up."""
    assert len(decks) == 5
    for deck in decks:
        assert len(deck.slides) >= 18
        assert sum(slide.minutes for slide in deck.slides) == 45
        assert all(len(re.sub("<[^>]*>", "", slide.note)) > 10 and slide.minutes for slide in deck.slides)


def test_every_deck_asks_for_predictions_and_shows_pictures(decks):
    """A question stands out as one; a picture has its sentence for those who do not see it."""
    for deck in decks:
        html = "".join(slide.html for slide in deck.slides)
        assert html.count("<blockquote>") >= 4
        pictures = re.findall(r"<img alt=\"([^\"]*)\"", html)
        assert len(pictures) >= 2 and html.count("<img") == len(pictures)
        assert all(len(sentence.split()) >= 5 for sentence in pictures)


def test_every_number_is_filled_in_and_every_fact_is_used(decks, maker):
    """No placeholder is left, and no fact is computed for nothing."""
    sources = "".join(path.read_text("utf-8") for path in DECKS)
    asked = set(maker.NUMBER.findall(sources))
    facts = sys.modules["facts"].FACTS
    assert asked <= set(facts)
    assert not any("{{" in slide.html + slide.note for deck in decks for slide in deck.slides)
    assert {name for name in facts if not name.startswith(("push.", "pull."))} <= asked


def test_a_deck_loads_nothing_from_elsewhere(decks, maker):
    """Not a script, not a font, not a picture: everything is in the one file."""
    for deck in decks:
        html = re.sub(r"<script>.*?</script>", "", maker.page(deck), flags=re.DOTALL)
        assert not REMOTE.search(html) and not REMOTE.search(maker.notes(deck))
        assert "<script src" not in maker.page(deck)


@pytest.mark.parametrize(
    "html",
    ['<script src="https://x.example/a.js">', "<img src='//x.example/a.png'>", "<link rel=stylesheet href=a.css>", "@import 'a.css'", "p { background: url(https://x.example/a) }"],
)  # fmt: skip
def test_a_remote_address_would_be_found(html):
    """The test above can fail."""
    assert REMOTE.search(html)


def test_the_same_sources_give_the_same_bytes(decks, maker):
    """Read and written twice."""
    again = [maker.read_deck(path) for path in DECKS]
    maker.picture.cache_clear()
    assert [maker.page(deck) for deck in decks] == [maker.page(deck) for deck in again]


@pytest.mark.parametrize(
    "source", ["# A title\n\nno note\n", "no heading\n\nNote: (1 min) x\n", "# a\n\n# b\n\nNote: (1 min) x\n"]
)
def test_a_slide_that_is_wrong_is_named(maker, tmp_path, source):
    """A deck's author is told which slide, and what to write."""
    (tmp_path / "1-x.md").write_text(source)
    with pytest.raises(ValueError, match="1-x, slide 1"):
        maker.read_deck(tmp_path / "1-x.md")


def test_the_decks_are_walked_by_keyboard_offline_and_printed(chromium, maker, tmp_path):
    """Every slide fits its page, none complains, nothing is asked of any network, and the PDF has a page a slide."""
    from playwright.sync_api import sync_playwright

    made = maker.write(tmp_path, chromium)
    assert len(made) == 15
    reach = """() => { const here = [...document.querySelectorAll('section.present *')].filter(e => !e.closest('aside'));
      return [Math.max(...here.map(e => e.getBoundingClientRect().bottom)), Math.max(...here.map(e => e.getBoundingClientRect().right))]; }"""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for path in (each for each in made if each.suffix == ".html" and not each.stem.endswith("-notes")):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            said: list[str] = []
            page.on("console", lambda line, said=said: said.append(line.text) if line.type == "error" else None)
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.on(
                "request", lambda asked, said=said: said.append(asked.url) if asked.url.startswith("http") else None
            )
            page.goto(path.as_uri())
            page.wait_for_function("() => Reveal.isReady()")
            total = page.evaluate("() => Reveal.getTotalSlides()")
            for number in range(total):
                assert page.evaluate("() => Reveal.getSlidePastCount()") == number
                bottom, right = page.evaluate(reach)
                assert bottom <= 720 and right <= 1280, f"{path.stem}, slide {number + 1}: {bottom:.0f} × {right:.0f}"
                page.keyboard.press("ArrowRight")
            assert said == []
            printed = path.with_suffix(".pdf").read_bytes()
            assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == total
            page.close()
        browser.close()
