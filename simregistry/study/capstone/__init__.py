"""The capstone: keep a registry for a year, under a budget of bytes, with your own rules."""

from simregistry.study.capstone.class_table import ClassTable, HeldOut, baseline, compare_policies, held_out
from simregistry.study.capstone.play_year import play_year
from simregistry.study.capstone.playable_policy import policy_table
from simregistry.study.capstone.policy_grid import BASELINE, GRID, TRIED, Knobs
from simregistry.study.capstone.running_registry import RunningRegistry
from simregistry.study.capstone.score import YearScore
from simregistry.study.capstone.search import BestPolicy, best, fit, trial
from simregistry.study.capstone.team import Team
from simregistry.study.capstone.weekly_cleanup import weekly_cleanup
from simregistry.study.capstone.year import Year, year
from simregistry.study.capstone.year_result import YearResult

__all__ = [
    "BASELINE",
    "GRID",
    "TRIED",
    "BestPolicy",
    "ClassTable",
    "HeldOut",
    "Knobs",
    "RunningRegistry",
    "Team",
    "Year",
    "YearResult",
    "YearScore",
    "baseline",
    "best",
    "compare_policies",
    "fit",
    "held_out",
    "play_year",
    "policy_table",
    "trial",
    "weekly_cleanup",
    "year",
]
