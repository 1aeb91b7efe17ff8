"""Draw the picture that each lesson opens with: `python .ci/lesson_pictures [TOPIC ...]`, or `make pictures`.

Each topic has a file of its own here with a function ``draw(axes)``. A picture shows the lesson's question, and not
its answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simregistry.show import theme

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "notebooks" / "pictures"
# Inches, and dots an inch: 820 points across, as a notebook shows it.
SIZE, DPI = (8.2, 3.2), 100


def drawing(path: Path) -> Callable[[Axes], None]:
    """Load a topic's drawing function."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    draw: Callable[[Axes], None] = module.draw
    return draw


def canvas(figure: Figure) -> Axes:
    """Cover a figure with axes of 820 by 320 points that nobody sees."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 820)
    axes.set_ylim(0, 320)
    axes.axis("off")
    return axes


def main(topics: list[str]) -> None:
    """Draw some pictures, or all."""
    PICTURES.mkdir(exist_ok=True)
    for path in sorted(HERE.glob("[a-z]*.py")):
        topic = path.stem.replace("_", "-")
        if topics and topic not in topics:
            continue
        with matplotlib.rc_context({**theme.RC, "font.size": 12}):
            figure = Figure(figsize=SIZE, dpi=DPI)
            FigureCanvasAgg(figure)
            drawing(path)(canvas(figure))
            figure.savefig(PICTURES / f"{topic}.png", facecolor="white", metadata={"Software": None})
        print(f"notebooks/pictures/{topic}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
