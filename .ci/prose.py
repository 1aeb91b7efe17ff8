"""How readable the prose is: long sentences, chains, stilted words, and Flesch reading ease, lesson by lesson.

    make prose                 all lessons, the exercise sheets, the guide and the README, a line each
    make prose NAMES="05 07"   only these, with every sentence that is over a limit

The limits are those of the project's voice: plain English, subject first, one idea a sentence.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pyphen

ROOT = Path(__file__).parents[1]
# Sentences over 30 words: none. Over 25: one in twenty. Semicolons: one in ten sentences. Reading ease: 60 or more.
LONGEST, LONG, LONG_SHARE, SEMICOLON_SHARE, EASE = 30, 25, 0.05, 0.10, 60.0
STILTED = (
    r"anew", r"dearer", r"seldom", r"(?:is|are) none", r"(?:is|are) another", r"the very", r"whoever", r"a text",
    r"stands? (?:in|on|there|beside|for itself)", r"lies? (?:in|on|there|beside)", r"is to be (?:seen|had|found)",
    r"what does stay", r"told of", r"be it", r"of its own accord",
)  # fmt: skip
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
HYPHENS = pyphen.Pyphen(lang="en_US")


@dataclass(frozen=True)
class Prose:
    """The measures of one text, and the sentences that are over a limit, each with what is wrong with it."""

    name: str
    words: int
    sentences: int
    over_25: int
    over_30: int
    semicolons: int
    chains: int
    stilted: int
    ease: float
    offenders: tuple[tuple[str, str], ...]

    def too_much(self) -> tuple[str, ...]:
        """Name the limits that it is over."""
        sentences = max(1, self.sentences)
        checks = {
            f"{self.over_30} sentences over {LONGEST} words": self.over_30 > 0,
            f"{self.over_25} of {sentences} sentences over {LONG} words": self.over_25 > max(1, LONG_SHARE * sentences),
            f"{self.semicolons} semicolons in {sentences} sentences": self.semicolons
            > max(1, SEMICOLON_SHARE * sentences),
            f"{self.chains} paragraphs with more than one colon": self.chains > 0,
            f"{self.stilted} stilted phrases": self.stilted > 0,
            f"reading ease {self.ease:.0f}": self.ease < EASE,
        }
        return tuple(what for what, broken in checks.items() if broken)


def paragraphs_of(markdown: str) -> list[str]:
    """Take the prose out of Markdown: no code, tables, headings, link targets or list marks."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"https?://\S+", "", text)
    lines = [line for line in text.split("\n") if not re.match(r"\s*(?:\||#|>>>|:::)|    ", line)]
    # A list's points are paragraphs of their own.
    joined = "\n".join(f"\n{line}" if re.match(r"\s*(?:[-*]|\d+\.)\s", line) else line for line in lines)
    blocks = (re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", " ".join(block.split())) for block in re.split(r"\n\s*\n", joined))
    return [block for block in blocks if WORD.search(block)]


def sentences_of(paragraph: str) -> list[str]:
    """Cut a paragraph into sentences; code in backticks counts as one word and ends none."""
    plain = re.sub(r"`[^`]*`", "code", paragraph)
    plain = re.sub(r"[*_]", "", plain)
    plain = re.sub(r"\b(e\.g|i\.e|etc|vs|cf|No|Dr)\.", r"\1", plain)
    return [part.strip() for part in re.split(r"(?<=[.!?…])[\"”’)]*\s+(?=[A-Z0-9“\"(])", plain) if WORD.search(part)]


def syllables(word: str) -> int:
    """Count a word's syllables by where it may be hyphenated: one more than its hyphens."""
    return len(HYPHENS.positions(word.lower())) + 1


def measure(name: str, markdown: str) -> Prose:
    """Measure a text."""
    words = letters = over_25 = over_30 = semicolons = chains = stilted = count = 0
    offenders: list[tuple[str, str]] = []
    for paragraph in paragraphs_of(markdown):
        if re.sub(r"`[^`]*`|\d:\d|:\d", "", paragraph).count(":") > 1:
            chains += 1
            offenders.append(("more than one colon", paragraph))
        for sentence in sentences_of(paragraph):
            found = WORD.findall(sentence)
            count, words, letters = count + 1, words + len(found), letters + sum(map(syllables, found))
            over_25, over_30 = over_25 + (len(found) > LONG), over_30 + (len(found) > LONGEST)
            semicolons += sentence.count(";")
            odd = [match[0] for pattern in STILTED for match in re.finditer(rf"\b{pattern}\b", sentence, re.I)]
            stilted += len(odd)
            if len(found) > LONG:
                offenders.append((f"{len(found)} words", sentence))
            if odd:
                offenders.append((", ".join(odd), sentence))
    ease = 206.835 - 1.015 * words / max(1, count) - 84.6 * letters / max(1, words)
    return Prose(name, words, count, over_25, over_30, semicolons, chains, stilted, ease, tuple(offenders))


def prose_of_notebook(path: Path) -> str:
    """Take the Markdown cells of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def all_prose() -> list[Prose]:
    """Measure every lesson, sheet and page that people read."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    pages = [
        *sorted((ROOT / "notebooks" / "exercises" / "sources").glob("*.md")),
        ROOT / "notebooks" / "for-teachers.md",
    ]
    measured = [measure(path.stem, prose_of_notebook(path)) for path in notebooks]
    measured += [
        measure(f"{path.parent.name}/{path.stem}", path.read_text("utf-8")) for path in [*pages, ROOT / "README.md"]
    ]
    return measured


def main(names: list[str]) -> int:
    """Print a line a text, and with names each sentence over a limit; 1 where a lesson is over one."""
    over = 0
    print(f"{'':34} words  sentences  >25  >30    ;  ::  stilted  ease")
    for prose in all_prose():
        if names and not any(name in prose.name for name in names):
            continue
        counts = (prose.words, prose.sentences, prose.over_25, prose.over_30, prose.semicolons, prose.chains)
        line = "  ".join(f"{number:{width}}" for number, width in zip(counts, (5, 9, 3, 3, 3, 2), strict=True))
        print(f"{prose.name:34} {line}  {prose.stilted:7}  {prose.ease:4.0f}  {'; '.join(prose.too_much())}")
        over += bool(prose.too_much())
        for what, sentence in prose.offenders if names else ():
            print(f"    [{what}] {sentence}")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
