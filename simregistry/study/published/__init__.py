"""Published figures beside what the package computes: results, and what was put in, each with how sure it is."""

from simregistry.study.published.all_figures import ALL, Published, find_figure, published
from simregistry.study.published.figure import CLOSE, GRADES, Figure

__all__ = ["ALL", "CLOSE", "GRADES", "Figure", "Published", "find_figure", "published"]
