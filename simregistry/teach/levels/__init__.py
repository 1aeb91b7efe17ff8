"""Registry golf: reach a goal with a few commands, by any route."""

from simregistry.teach.levels.level import Level, read_level, write_level
from simregistry.teach.levels.library import find, levels
from simregistry.teach.levels.play import Play

__all__ = ["Level", "Play", "find", "levels", "read_level", "write_level"]
