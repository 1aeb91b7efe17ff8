"""The scoreboard: a row a product, a column a scenario, and in each cell what happens and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.products.compare import HOW_SURE, NOT_SAID, Comparison
from simregistry.table import Table, human

# How much room the legend takes below the rows, in rows.
LEGEND = 1.2
# The mark of each word for sureness, in the corner of a cell. A cell that nobody knows has a hatch instead of a colour.
MARKS: Mapping[str, str] = dict(zip(HOW_SURE, "●◐○", strict=True))


def scoreboard(comparisons: Sequence[Comparison]) -> View:
    """Draw the products by scenarios; equal answers in a column have the same colour."""
    names = [outcome.product.name for outcome in comparisons[0].outcomes]
    cells = {(name, c.scenario.name): verdict(c, name) for c in comparisons for name in names}
    sure = {(name, c.scenario.name): c.how_sure(c.outcome(name)) for c in comparisons for name in names}
    counts = ", ".join(f"{list(sure.values()).count(word)} {word}" for word in HOW_SURE)
    sentence = (
        f"{len(names)} products, {len(comparisons)} scenarios. The products differ in "
        f"{_differing(comparisons, names)} of the scenarios. Of {len(cells)} cells, {counts}."
    )
    columns = ("product", *(c.scenario.name for c in comparisons))
    keys = [[(name, c.scenario.name) for c in comparisons] for name in names]
    rows = tuple((row[0][0], *(_worded(cells[key], sure[key]) for key in row)) for row in keys)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set_xlim(-1.0, len(comparisons))
        axes.set_ylim(len(names) + LEGEND, -0.75)
        for column, comparison in enumerate(comparisons):
            words = comparison.scenario.name.replace("-", "\n", 1).replace("-", " ")
            axes.text(column + 0.5, -0.1, words, ha="center", va="bottom", fontweight="bold", fontsize=10)
            answers = list(dict.fromkeys(cells[name, comparison.scenario.name] for name in names))
            for number, name in enumerate(names):
                key = (name, comparison.scenario.name)
                face, hatch = _look(cells[key], answers)
                axes.add_patch(_box(column, number, face, hatch))
                axes.text(column + 0.5, number + 0.56, cells[key], ha="center", va="center", fontsize=9)
                axes.text(column + 0.93, number + 0.11, MARKS[sure[key]], ha="right", va="top", fontsize=9)
        for number, name in enumerate(names):
            axes.text(-0.06, number + 0.5, name, ha="right", va="center")
        for line, (word, means) in enumerate(HOW_SURE.items()):
            axes.text(0.03, len(names) + 0.3 + 0.32 * line, f"{MARKS[word]}  {word}: {means}", va="center", fontsize=10)

    return View(
        sentence,
        Table(columns, rows),
        draw,
        alt="coloured table of products and scenarios",
        height=1.6 + 0.55 * len(names),
    )


def verdict(comparison: Comparison, name: str) -> str:
    """Say in a few words what happens in a product; "not said" if its description does not say."""
    facts = comparison.deciding(comparison.outcome(name))
    if facts[0] is None:
        return NOT_SAID
    return WORDS[comparison.scenario.name](*facts)


def _rate(anonymous: str, limited: bool | None, first: int | None) -> str:
    if limited is None:
        return "account\nneeded" if anonymous == "never" else NOT_SAID
    return f"no. {first} refused" if limited else "none refused"


def _rules(syntax: str, kept: list[str] | None, dropped: int) -> str:
    return "no rules" if kept is None else f"keeps {len(kept)},\ndrops {dropped}"


def _deleted(refused: bool, other: bool) -> str:
    if refused:
        return "refused" if other else "only both"
    return "other stays" if other else "both go"


def _index(refused: bool, pullable: bool) -> str:
    return "refused" if refused else "index lives" if pullable else "index broken"


# For each scenario: from its deciding facts to a few words.
WORDS: Mapping[str, Callable[..., str]] = {
    "overwrite-tag": lambda manifests: f"{manifests} manifest{'s' if manifests != 1 else ''}",
    "shared-base": human,
    "delete-one-tag": _deleted,
    "delete-untagged-index": _index,
    "race": lambda grace: "swept at once" if grace == 0 else f"{grace} s grace",
    "rate-limit": _rate,
    "retention": _rules,
}


def _worded(text: str, sure: str) -> str:
    """Put the word for sureness behind a cell's text."""
    words = text.replace("\n", " ")
    return words if words == sure else f"{words} ({sure})"


def _differing(comparisons: Sequence[Comparison], names: Sequence[str]) -> int:
    return sum(len({verdict(c, name) for name in names} - {NOT_SAID}) > 1 for c in comparisons)


def _look(text: str, answers: list[str]) -> tuple[str, str]:
    """Return the colour and the hatch of a cell: one colour for each different answer of its column."""
    if text == NOT_SAID:
        return "white", "///"
    known = [answer for answer in answers if answer != NOT_SAID]
    return (theme.SKY, theme.ORANGE, theme.GREEN, theme.YELLOW, theme.PURPLE)[known.index(text) % 5], ""


def _box(column: float, row: float, face: str, mark: str) -> Rectangle:
    edge = theme.GREY if mark else "white"
    return Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, facecolor=face, alpha=0.45, edgecolor=edge, hatch=mark)
