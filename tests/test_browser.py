"""The first lesson in a real browser: `simregistry lab`, JupyterLab, Chromium, Run All, and no error to the end."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from peers import free_port

from simregistry.cli.lab import FIRST_LESSON

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# Jupyter asks at its first start whether it may show news; that question would lie over the lesson.
NO_NEWS = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'


def jupyter_home(folder: Path) -> dict[str, str]:
    """The environment of a learner who has never started Jupyter."""
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "page_config.json").write_text(NO_NEWS)
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    return {**os.environ, **{name: str(folder / place) for name, place in places.items()}}


def fresh_checkout(folder: Path) -> int:
    """A copy of the package and its lessons, the first one without outputs; returns how many code cells that has.

    The copy is what is opened, because JupyterLab saves by itself what it has run.
    """
    for part in ("simregistry", "notebooks"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    path = folder / "notebooks" / FIRST_LESSON
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)
    return len(code)


def printed_address(log: Path, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
    """The address that JupyterLab prints when it is ready."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/\S*token=\w+", log.read_text()):
            return found.group()
        time.sleep(0.1)
    pytest.fail(f"JupyterLab printed no address:\n{log.read_text()}")


@pytest.fixture
def course(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """`simregistry lab --no-browser` on a fresh copy: the address it printed, and the first lesson's code cells."""
    cells = fresh_checkout(tmp_path / "checkout")
    log = tmp_path / "lab.log"
    command = [sys.executable, "-m", "simregistry.cli", "lab", "--no-browser", "--port", str(free_port())]
    with log.open("wb") as said:
        server = subprocess.Popen(
            command,
            cwd=tmp_path / "checkout",
            env=jupyter_home(tmp_path / "home"),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,  # so that JupyterLab and its kernels can be ended together
        )
        try:
            yield printed_address(log, server), cells
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser. Where CI is true its absence is a failure; elsewhere the test is skipped."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None or importlib.util.find_spec("playwright") is None:
        missing = "there is no Chromium on the path, or no playwright to drive it"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return str(found)


def test_the_first_lesson_runs_to_its_end_in_a_browser(chromium, course, tmp_path):
    """The printed address opens the first lesson; Run All gives every cell a count and no cell an error."""
    from playwright.sync_api import sync_playwright

    address, cells = course
    loopback = address.split("/lab")[0]
    outside: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=60_000
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.on("request", lambda asked: outside.append(asked.url) if re.match("https?:", asked.url) else None)
        page.goto(address)
        lesson = page.locator(NOTEBOOK)
        # Idle alone is true before there is a kernel, and Run All would then ask which kernel to use.
        lesson.locator(".jp-KernelName", has_text="Python 3").wait_for()
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
        counted = lesson.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text=re.compile(r"\[\d+\]"))
        counted.nth(cells - 1).wait_for(state="attached")
        lesson.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for()
        page.screenshot(path=tmp_path / "first-lesson.png")
        errors = lesson.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
        errors += lesson.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
        browser.close()
    assert errors == []
    assert (tmp_path / "first-lesson.png").stat().st_size > 10_000
    assert [url for url in outside if not url.startswith(loopback)] == []
