"""Registry golf: reach a goal with a few commands, by any route."""

from simregistry.teach.levels.all_levels import all_levels, find_level
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_attempt import LevelAttempt
from simregistry.teach.levels.level_text import read_level, write_level

__all__ = ["Level", "LevelAttempt", "all_levels", "find_level", "read_level", "write_level"]
