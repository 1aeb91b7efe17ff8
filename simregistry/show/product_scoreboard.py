"""The scoreboard: one row for each product, one column for each scenario, and in each cell what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.products.compare import Comparison
from simregistry.table import Table, human

# The text of a cell that nobody knows; it is drawn with a hatch instead of a colour.
UNKNOWN = "unknown"


def scoreboard(comparisons: Sequence[Comparison]) -> View:
    """Draw the products by scenarios; equal answers in a column have the same colour."""
    names = [outcome.product.name for outcome in comparisons[0].outcomes]
    cells = {(name, c.scenario.name): verdict(c, name) for c in comparisons for name in names}
    unknown = sum(text == UNKNOWN for text in cells.values())
    sentence = (
        f"{len(names)} products, {len(comparisons)} scenarios: in {_parting(comparisons, names)} of them they part; "
        f"{unknown} of {len(cells)} cells are unknown, and are left so."
    )
    columns = ("product", *(c.scenario.name for c in comparisons))
    rows = tuple((name, *(cells[name, c.scenario.name].replace("\n", " ") for c in comparisons)) for name in names)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axis("off")
        width = len(comparisons)
        axes.set_xlim(-1.0, width)
        axes.set_ylim(len(names), -0.75)
        for column, comparison in enumerate(comparisons):
            words = comparison.scenario.name.replace("-", "\n", 1).replace("-", " ")
            axes.text(column + 0.5, -0.1, words, ha="center", va="bottom", fontweight="bold", fontsize=10)
            answers = list(dict.fromkeys(cells[name, comparison.scenario.name] for name in names))
            for row, name in enumerate(names):
                text = cells[name, comparison.scenario.name]
                face, mark = _look(text, answers)
                axes.add_patch(_box(column, row, face, mark))
                axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9)
        for row, name in enumerate(names):
            axes.text(-0.06, row + 0.5, name, ha="right", va="center")

    return View(sentence, Table(columns, rows), draw, height=1.0 + 0.62 * len(names))


def verdict(comparison: Comparison, name: str) -> str:
    """Say in a few words what happens in a product; "unknown" if its description does not say."""
    facts = comparison.deciding(comparison.outcome(name))
    if facts[0] is None:
        return UNKNOWN
    return WORDS[comparison.scenario.name](*facts)


def _rate(anonymous: str, limited: bool | None, first: int | None) -> str:
    if limited is None:
        return "account\nneeded" if anonymous == "never" else UNKNOWN
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


def _parting(comparisons: Sequence[Comparison], names: Sequence[str]) -> int:
    return sum(len({verdict(c, name) for name in names} - {UNKNOWN}) > 1 for c in comparisons)


def _look(text: str, answers: list[str]) -> tuple[str, str]:
    """Return the colour and the hatch of a cell: one colour for each different answer of its column."""
    if text == UNKNOWN:
        return "white", "///"
    known = [answer for answer in answers if answer != UNKNOWN]
    return (theme.SKY, theme.ORANGE, theme.GREEN, theme.YELLOW, theme.PURPLE)[known.index(text) % 5], ""


def _box(column: float, row: float, face: str, mark: str) -> Rectangle:
    edge = theme.GREY if mark else "white"
    return Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, facecolor=face, alpha=0.45, edgecolor=edge, hatch=mark)
