"""Registry golf: reach a goal with a few commands, by any route."""

from simregistry.teach.levels.all_levels import find, levels
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_attempt import Play
from simregistry.teach.levels.level_text import read_level, write_level

__all__ = ["Level", "Play", "find", "levels", "read_level", "write_level"]
