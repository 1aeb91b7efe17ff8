"""Execute every lesson in place, and write it the same way each time, so that a diff shows what changed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from simregistry.cli.save_hook import twin_only
from simregistry.teach.handouts.notebook import dumps, student
from simregistry.teach.handouts.sheet import read_folder
from simregistry.teach.predictions.commitments import MODE
from simregistry.teach.progress import SWITCH

LESSONS = Path(__file__).parents[1] / "notebooks"


def execute(path: Path) -> float:
    """Run one notebook in place; gives the seconds it took."""
    start = time.perf_counter()
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    # Over local sockets: over TCP the kernel warns on stderr that nothing is encrypted. Their path is absolute, because
    # a relative one names another file for the kernel, which runs in the lesson's own folder.
    with tempfile.TemporaryDirectory() as sockets:
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/kernel")
        NotebookClient(
            notebook,
            km=manager,
            timeout=120,
            coalesce_streams=True,
            store_widget_state=False,
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
    normalise(notebook)
    nbformat.write(notebook, path)
    return time.perf_counter() - start


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from run to run and from machine to machine; live views are stored as their twins."""
    twin_only({"type": "notebook", "content": notebook})
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                # The other lines are paths of this machine; strict nbval compares the name and the message alone.
                output.traceback = [f"{output.ename}: {output.evalue}"]


def write_student_copies() -> None:
    """Make the exercise notebooks of their sheets; one that is as it should be keeps its outputs."""
    folder = LESSONS / "exercises"
    for sheet in read_folder(folder / "sources"):
        path, made = folder / f"{sheet.file}.ipynb", student(sheet)
        cells = json.loads(path.read_text("utf-8"))["cells"] if path.exists() else []
        if [(c["id"], "".join(c["source"])) for c in cells] != [(c["id"], c["source"]) for c in made["cells"]]:
            path.write_text(dumps(made), "utf-8")


def main(names: list[str]) -> None:
    """Run the notebooks named, or all."""
    # The reference run: nobody learns here, and every prediction is skipped, so that what is so is stored.
    os.environ[SWITCH], os.environ[MODE] = "off", "skip"
    total = 0.0
    write_student_copies()
    for path in sorted([*LESSONS.glob("*.ipynb"), *(LESSONS / "exercises").glob("*.ipynb")]):
        if names and not any(name in str(path.relative_to(LESSONS)) for name in names):
            continue
        seconds = execute(path)
        total += seconds
        print(f"{seconds:6.1f} s  {path.relative_to(LESSONS)}", flush=True)
    print(f"{total:6.1f} s  together")


if __name__ == "__main__":
    main(sys.argv[1:])
