"""Execute every lesson in place, and write it the same way each time, so that a diff shows what changed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

LESSONS = Path(__file__).parents[1] / "notebooks"


def execute(path: Path) -> float:
    """Run one notebook in place; gives the seconds it took."""
    start = time.perf_counter()
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    # Over a local socket: without it the kernel warns of unencrypted TCP, and that warning would be an output.
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.create_kernel_manager().transport = "ipc"
    client.execute()
    normalise(notebook)
    nbformat.write(notebook, path)
    return time.perf_counter() - start


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from run to run and from machine to machine."""
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def main(names: list[str]) -> None:
    """Run the notebooks named, or all."""
    total = 0.0
    for path in sorted(LESSONS.glob("*.ipynb")):
        if names and not any(name in path.name for name in names):
            continue
        seconds = execute(path)
        total += seconds
        print(f"{seconds:6.1f} s  {path.name}", flush=True)
    print(f"{total:6.1f} s  together")


if __name__ == "__main__":
    main(sys.argv[1:])
