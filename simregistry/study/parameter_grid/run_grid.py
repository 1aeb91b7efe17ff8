"""Run an experiment over a grid of settings: every combination once, on one core, many cores, or a cluster.

An experiment is a function of keyword arguments that returns numbers by name, or one number. Any executor of
``concurrent.futures`` fits, and so does a Dask cluster's ``client.get_executor()``. The results come in the grid's
order and are the same on each of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.table import Table, TableReport

Settings = Mapping[str, Any]
Values = Mapping[str, float]
Progress = Callable[[int, int], None]
MOST_RUNS = 1_000_000
PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True, repr=False)
class GridResult(TableReport):
    """The results: a row for each combination, settings and values by name."""

    settings: tuple[str, ...]
    values: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def column(self, name: str) -> tuple[Any, ...]:
        """Return one setting or value of all rows; raise InvalidValue with the names that there are."""
        names = (*self.settings, *self.values)
        if name not in names:
            raise InvalidValue("column", name, f"there is {', '.join(names)}")
        return tuple(row[names.index(name)] for row in self.rows)

    def where(self, **settings: object) -> GridResult:
        """Return the rows with these settings."""
        names = (*self.settings, *self.values)
        if strange := [name for name in settings if name not in self.settings]:
            raise InvalidValue("setting", strange[0], f"there is {', '.join(self.settings)}")
        kept = [row for row in self.rows if all(row[names.index(key)] == value for key, value in settings.items())]
        return GridResult(self.settings, self.values, tuple(kept))

    def only(self, *names: str) -> GridResult:
        """Return these columns alone, in the order of the table."""
        for name in names:
            self.column(name)  # raises for an unknown name
        known = (*self.settings, *self.values)
        places = [place for place, name in enumerate(known) if name in names]
        settings = tuple(name for name in self.settings if name in names)
        values = tuple(name for name in self.values if name in names)
        return GridResult(settings, values, tuple(tuple(row[place] for place in places) for row in self.rows))

    def table(self) -> Table:
        """Show all rows, fractions with three digits after the point."""
        rows = tuple(tuple(f"{v:,.3f}" if isinstance(v, float) else v for v in row) for row in self.rows)
        return Table((*self.settings, *self.values), rows)

    def to_dataframe(self) -> Any:
        """Hand the rows to pandas with their numbers as they are; ``table()`` rounds them for reading."""
        return Table((*self.settings, *self.values), self.rows).to_dataframe()

    def __len__(self) -> int:
        return len(self.rows)


def run_grid(
    experiment: Callable[..., float | Values],
    grid: Mapping[str, Sequence[Any]],
    executor: Executor | None = None,
    *,
    save: str | Path | None = None,
    progress: Progress | None = None,
) -> GridResult:
    """Run an experiment for every combination of the grid's values.

    ``save`` names a file of JSON lines. Each finished run is written to it, and a run that is already in it is not
    computed again, so an interrupted sweep continues where it stopped. ``progress`` is called with the number of
    finished runs and of all runs. Raises InvalidValue for a malformed grid. An experiment's own error passes through,
    and the runs finished before it stay saved.

    >>> run_grid(lambda a, b: a * b, {"a": [1, 2], "b": [10, 20]}).column("value")
    (10.0, 20.0, 20.0, 40.0)
    """
    points = list(_points(grid))
    name = f"{experiment.__module__}.{experiment.__qualname__}"
    known = _load(Path(save), name) if save is not None else {}
    missing = [point for point in points if _key(point) not in known]
    done = len(points) - len(missing)
    for point, values in _run(experiment, missing, executor):
        known[_key(point)] = values
        done += 1
        # Append after every run: whatever interrupts the sweep loses the runs under way, no more.
        if save is not None:
            with Path(save).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"experiment": name, "settings": point, "values": values}) + "\n")
        if progress is not None:
            progress(done, len(points))
    # Runs end in any order on a cluster. The rows follow the grid, so they don't depend on that.
    columns = tuple(dict.fromkeys(key for point in points for key in known[_key(point)]))
    rows = tuple((*point.values(), *(known[_key(point)].get(key) for key in columns)) for point in points)
    return GridResult(tuple(grid), columns, rows)


def _points(grid: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Check a grid and iterate over its points: every combination of its values."""
    if not isinstance(grid, Mapping) or not grid:
        raise InvalidValue("grid", str(grid)[:60], 'write names and lists of values, as {"machines": [10, 100]}')
    runs = 1
    for key, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Sequence) or not values:
            raise InvalidValue(f"grid: {key}", str(values)[:60], "give a list of at least one value")
        if strange := [value for value in values if not isinstance(value, PLAIN)]:
            raise InvalidValue(
                f"grid: {key}", str(strange[0])[:60], "use strings and numbers, so that they can be saved"
            )
        runs *= len(values)
    if runs > MOST_RUNS:
        raise InvalidValue("grid", f"{runs:,} runs", f"run at most {MOST_RUNS:,}")
    return (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))


def _key(point: Settings) -> str:
    """Write a point's settings as one string, in which the order of the settings does not matter."""
    return json.dumps(point, sort_keys=True)


def _run(
    experiment: Callable[..., float | Values], points: Sequence[dict[str, Any]], executor: Executor | None
) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """Run the experiment at each point; yield the point with its values as soon as it is finished."""
    if executor is None:
        for point in points:
            yield point, _values(experiment(**point))
        return
    waiting: dict[Future[Any], dict[str, Any]] = {executor.submit(experiment, **point): point for point in points}
    try:
        for future in as_completed(waiting):
            yield waiting[future], _values(future.result())
    finally:
        # Reached early when an experiment fails or the caller stops: runs that have not begun must not begin.
        for future in waiting:
            future.cancel()


def _values(result: float | Values) -> dict[str, float]:
    """Check what an experiment returned; a number alone gets the name "value"."""
    if isinstance(result, Mapping):
        return {str(key): float(value) for key, value in result.items()}
    if isinstance(result, int | float):
        return {"value": float(result)}
    raise InvalidValue("experiment", type(result).__name__, "let it return a number, or numbers by name")


def _load(path: Path, experiment: str) -> dict[str, dict[str, float]]:
    """Read the saved runs of this experiment; remove a last line that was cut off from the file."""
    if not path.exists():
        return {}
    known: dict[str, dict[str, float]] = {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            run = json.loads(line)
            if run["experiment"] == experiment:
                known[_key(run["settings"])] = {str(k): float(v) for k, v in run["values"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            if number < len(lines) or line.endswith("\n"):
                raise InvalidValue(
                    "saved sweep", f"{path.name}, line {number}", "isn't a saved run; name another file"
                ) from None
            # Subtle: a sweep that was stopped in the middle of a write leaves half a line. The next append would
            # continue that line and spoil both, so the half line is removed here.
            path.write_text("".join(lines[:-1]), encoding="utf-8")
    return known
