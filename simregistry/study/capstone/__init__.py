"""The capstone: keep a registry for a year, under a budget of bytes, by rules of your own."""

from simregistry.study.capstone.class_table import ClassTable, HeldOut, baseline, compare, held_out
from simregistry.study.capstone.play_year import play
from simregistry.study.capstone.policy import policy_table
from simregistry.study.capstone.policy_grid import BASELINE, GRID, TRIED, Knobs
from simregistry.study.capstone.score import Score
from simregistry.study.capstone.search import Found, best, fit, trial
from simregistry.study.capstone.team import Team
from simregistry.study.capstone.weekly_cleanup import sunday
from simregistry.study.capstone.year import Year, year
from simregistry.study.capstone.year_result import Result

__all__ = [
    "BASELINE",
    "GRID",
    "TRIED",
    "ClassTable",
    "Found",
    "HeldOut",
    "Knobs",
    "Result",
    "Score",
    "Team",
    "Year",
    "baseline",
    "best",
    "compare",
    "fit",
    "held_out",
    "play",
    "policy_table",
    "sunday",
    "trial",
    "year",
]
