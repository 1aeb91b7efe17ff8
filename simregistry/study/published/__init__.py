"""Published figures beside what the package computes; each says whether it is a result or an input, and how sure."""

from simregistry.study.published.all_figures import ALL, Published, find_figure, published
from simregistry.study.published.figure import CLOSE, GRADES, Figure

__all__ = ["ALL", "CLOSE", "GRADES", "Figure", "Published", "find_figure", "published"]
