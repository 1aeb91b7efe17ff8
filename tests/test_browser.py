"""The course in a real browser: `simregistry lab`, JupyterLab, Chromium; a lesson, an exercise, a quiz, by keyboard.

Screenshots are left in the folder that SCREENSHOTS names, for people to look at.
"""

from __future__ import annotations

import json
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
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from simregistry.cli.lab_command import FIRST_LESSON
from simregistry.teach.exercises.all_exercises import attempt_exercise
from simregistry.teach.predictions.all_predictions import find_prediction, predictions_of
from simregistry.teach.quizzes import lesson_quiz

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# Jupyter asks at its first start whether it may show news; that question would lie over the lesson.
NO_NEWS = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'


def jupyter_home(folder: Path) -> dict[str, str]:
    """The environment of a learner who has never started Jupyter."""
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "page_config.json").write_text(NO_NEWS)
    # Every cell stays in the page, so that a test finds it wherever it has scrolled to.
    tracker = folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')
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
    """A copy of the package and its lessons; returns how many code cells the first one has.

    `simregistry lab` makes the learner's copy of them, without outputs: that is what is opened here.
    """
    for part in ("simregistry", "notebooks"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    return len(code_of(nbformat.read(folder / "notebooks" / FIRST_LESSON, as_version=4)))


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Its code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed_address(log: Path, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
    """The address that JupyterLab prints when it is ready."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/\S*token=\w+", log.read_text()):
            return found.group()
        time.sleep(0.1)
    pytest.fail(f"JupyterLab printed no address:\n{log.read_text()}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """`simregistry lab --no-browser` on a fresh copy: the address it printed, and the first lesson's code cells."""
    tmp_path = tmp_path_factory.mktemp("course")
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
    if found is None:
        missing = "there is no Chromium on the path"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return str(found)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, driven by playwright."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=60_000
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A window; what it asked the outside world for is an error, and its last look is kept."""
    width, scale = getattr(request, "param", (1280, 1))
    outside: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900}, device_scale_factor=scale)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.on("request", lambda asked: outside.append(asked.url) if re.match("https?:", asked.url) else None)
    yield opened
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    picture = folder / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name)}.png"
    opened.screenshot(path=picture)
    context.close()
    assert picture.stat().st_size > 10_000
    assert [url for url in outside if not url.startswith("http://127.0.0.1")] == []


def open_notebook(page: Page, address: str, file: str = "") -> Locator:
    """Open a notebook of the course, the first by the very address that was printed; gives it when its kernel is there."""
    base, token = address.split("/lab")[0], address.partition("token=")[2]
    page.goto(f"{base}/lab/tree/{file}?token={token}&reset" if file else address)
    notebook = page.locator(NOTEBOOK)
    # Idle alone is true before there is a kernel, and Run All would then ask which kernel to use.
    notebook.locator(".jp-KernelName", has_text="Python 3").wait_for()
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    return notebook


def run_all(page: Page, notebook: Locator) -> list[str]:
    """Run every cell to the end; gives what it complained of."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    page.wait_for_timeout(500)
    notebook.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for()
    kinds = ("error", "stderr")
    return [
        said
        for kind in kinds
        for said in notebook.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").all_text_contents()
    ]


def answer(page: Page, notebook: Locator, cell: str, code: str) -> str:
    """Write another answer over a cell's, run it and the cell below by keyboard; gives what the one below says."""
    cells = notebook.locator(".jp-CodeCell")
    place = next(n for n in range(cells.count()) if cells.nth(n).locator(".cm-content").inner_text().startswith(cell))
    cells.nth(place).scroll_into_view_if_needed()
    cells.nth(place).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(f"{cell} = {code}")
    below = cells.nth(place + 1)
    before = below.locator(".jp-InputPrompt").inner_text()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        "([cell, before]) => cell.innerText !== before && /[0-9]/.test(cell.innerText)",
        arg=[below.locator(".jp-InputPrompt").element_handle(), before],
    )
    below.locator(".jp-OutputArea-output").wait_for()
    return below.locator(".jp-OutputArea-output").inner_text()


def test_the_first_lesson_runs_to_its_end(course, page):
    """The printed address opens the first lesson; Run All gives every cell a count and no cell an error."""
    address, cells = course
    lesson = open_notebook(page, address)
    complaints = run_all(page, lesson)
    counted = lesson.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text=re.compile(r"\[\d+\]"))
    counted.nth(cells - 1).wait_for(state="attached")
    assert complaints == []


def test_a_slider_is_moved_by_keyboard(course, page):
    """An arrow key moves it, and what is shown beside it follows."""
    lesson = open_notebook(page, course[0], "13-beyond-layers.ipynb")
    assert len(run_all(page, lesson)) == 1, "the lesson breaks one thing on purpose"
    panel = lesson.locator(".jp-OutputArea-output", has=page.locator("[role=slider]")).first
    panel.scroll_into_view_if_needed()
    before = panel.inner_text()
    panel.locator("[role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("([panel, before]) => panel.innerText !== before", arg=[panel.element_handle(), before])


def test_an_explorer_is_used_by_keyboard(course, page):
    """Enter pushes an image and the bars follow; an arrow moves on; no key reaches the notebook."""
    lesson = open_notebook(page, course[0], "04-stored-once.ipynb")
    assert len(run_all(page, lesson)) == 1, "the lesson breaks one thing on purpose"
    explorer = lesson.locator(".sr-explorer")
    explorer.scroll_into_view_if_needed()
    cells = lesson.locator(".jp-Cell").count()
    first = explorer.get_by_role("button", name=re.compile("^debian:trixie, "))
    first.focus()
    page.keyboard.press("Enter")
    explorer.get_by_role("status").get_by_text("1 image takes 49.3 MB without sharing.").wait_for()
    # In JupyterLab "x" would cut the cell.
    for key in ("ArrowRight", "x", "Enter"):
        page.keyboard.press(key)
    explorer.get_by_role("status").get_by_text("drupal:latest has 220 MB").wait_for()
    assert lesson.locator(".jp-Cell").count() == cells


def test_an_exercise_is_answered_wrong_and_right(course, page):
    """A wrong answer is told what is wrong with it, a right one why it is right."""
    notebook = open_notebook(page, course[0], "exercises/04-stored-once.ipynb")
    assert run_all(page, notebook) == []
    problem = attempt_exercise("stored-once.stored-bytes", 1).problem
    belief = problem.misconceptions[0]
    assert belief.message in answer(page, notebook, "my_answer_1", repr(belief.answer))
    right = problem.answer.shown(problem.answer.right)
    assert problem.why in answer(page, notebook, "my_answer_1", repr(right))


def test_a_quiz_is_answered_by_keyboard(course, page):
    """Space chooses, Tab goes on, Enter checks; the explanation says in words whether it fits; no key reaches the notebook."""
    notebook = open_notebook(page, course[0], "exercises/04-stored-once.ipynb")
    assert run_all(page, notebook) == []
    question = lesson_quiz("stored-once").questions[0]
    form = notebook.locator("form.sr-question").first
    form.scroll_into_view_if_needed()
    before, after = press_everything(page, notebook, form.get_by_role("radio").first)
    assert before == after
    wrong = next(place for place, option in enumerate(question.options) if not option.right)
    for place, mark in ((wrong, "✗"), ("abcd".index(question.right), "✓")):
        form.get_by_role("radio").nth(place).focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        form.get_by_role("status").get_by_text(mark).wait_for()
        assert question.options[place].why[1:30].replace("`", "") in form.inner_text()


def test_a_level_is_played_to_its_goal(course, page):
    """A command is written and run, and what is left to do is said."""
    notebook = open_notebook(page, course[0], "levels.ipynb")
    assert run_all(page, notebook) == []
    assert "Reached with 2 commands" in notebook.inner_text()


def test_a_board_is_played_by_keyboard_in_the_lab(course, page):
    """A command typed on the board reaches the goal and no shortcut; a board shows what cells did to its game."""
    notebook = open_notebook(page, course[0], "levels.ipynb")
    assert run_all(page, notebook) == []
    boards = notebook.locator(".sr-explorer")
    first, together = boards.nth(0), boards.nth(1)
    together.get_by_text("✓ Done.").wait_for()
    assert together.get_by_role("cell", name="server: docker pull").count() == 1
    cells = notebook.locator(".jp-Cell").count()
    field = first.get_by_label("Command", exact=True)
    field.scroll_into_view_if_needed()
    field.press_sequentially("xddab")
    field.fill("")
    field.press_sequentially("laptop: docker push registry.example/web:1")
    field.press("Enter")
    first.get_by_text("✓ Done.").wait_for()
    assert notebook.locator(".jp-Cell").count() == cells
    first.scroll_into_view_if_needed()


# Text and its background, as they come out in the end: WCAG 2.1, 1.4.3, wants 4.5 between them, for large text 3.
LOW_CONTRAST = """root => {
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const over = (top, below) => { const a = top[3] ?? 1; return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)); };
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parts(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, top) => top.length ? over(top, below) : below, [255, 255, 255]);
  };
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const found = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement, style = getComputedStyle(e);
    if (!node.data.trim() || !e.getClientRects().length || style.visibility === 'hidden' || !e.closest('.jp-RenderedHTMLCommon, .jp-OutputArea-output')) continue;
    const ground = behind(e), one = light(over(parts(style.color), ground)), other = light(ground);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${node.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
THEMES = pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])


def choose_theme(course, page, theme):
    """Set JupyterLab's theme before a notebook is opened."""
    base, token = course[0].split("/lab")[0], course[0].partition("token=")[2]
    settings = f"{base}/lab/api/settings/@jupyterlab/apputils-extension:themes"
    chosen = {"raw": json.dumps({"theme": theme})}
    assert page.request.put(settings, headers={"Authorization": f"token {token}"}, data=chosen).ok


@pytest.mark.long
@THEMES
@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_can_be_read_in_light_and_in_dark(course, page, theme, name):
    """Every word of each lesson and of its stored outputs stands out from its background, in both themes."""
    choose_theme(course, page, theme)
    lesson = open_notebook(page, course[0], name)
    page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    assert lesson.evaluate(LOW_CONTRAST) == []


@THEMES
def test_text_can_be_read_in_light_and_in_dark(course, page, theme):
    """So it does where the cells were run just now, and the measure finds what is too faint."""
    choose_theme(course, page, theme)
    lesson = open_notebook(page, course[0], "05-push.ipynb")
    page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    run_all(page, lesson)
    assert lesson.evaluate(LOW_CONTRAST) == []
    grey = "root => { const p = document.createElement('p'); p.style = 'color:#888;background:#999'; p.textContent = 'grey'; root.append(p) }"
    lesson.locator(".jp-RenderedHTMLCommon").first.evaluate(grey)
    assert lesson.evaluate(LOW_CONTRAST) == ["grey: 1.24"], "the measure finds what cannot be read"


@pytest.mark.parametrize("page", [(960, 2)], indirect=True, ids=["960 at 2"])
def test_a_lesson_can_be_read_at_twice_the_size(course, page):
    """On a screen of 1920 at 200 % no text runs out of its cell; a picture or a wide table scrolls by itself (WCAG 1.4.4)."""
    lesson = open_notebook(page, course[0], "05-push.ipynb")
    page.keyboard.press("Control+b")
    run_all(page, lesson)
    wide = """root => [...root.querySelectorAll('.jp-MarkdownOutput > *, .jp-OutputArea-output')]
      .filter(e => e.scrollWidth > e.clientWidth + 2 && !['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
                   && getComputedStyle(e).display !== 'inline')
      .map(e => `${e.tagName} ${e.className}: ${e.innerText.slice(0, 40)}`)"""
    assert lesson.evaluate(wide) == []


def press_everything(page, notebook, control):
    """Press what would edit the notebook from a focused control; gives the cells before and after."""
    cells = notebook.locator(".jp-Cell")
    before = cells.count()
    control.focus()
    for key in ("b", "a", "x", "d", "d", "m", "z", "j", "k", "Shift+M"):
        page.keyboard.press(key)
    return before, cells.count()


def test_a_prediction_is_made_before_anything_is_seen(course, page):
    """Run All reveals nothing; a wrong answer gets its own reason, a right one is right, a skipped one is told."""
    lesson = open_notebook(page, course[0], "05-push.ipynb")
    assert len(run_all(page, lesson)) == 1, "the lesson breaks the line on purpose"
    unrevealed = lesson.get_by_text("Not revealed yet", exact=False)
    asked = [prediction for prediction in predictions_of("push").values() if not prediction.after]
    unrevealed.nth(len(asked) - 1).wait_for()
    seen = lesson.inner_text()
    for prediction in asked:
        assert piece_of(prediction.why) not in seen, prediction.key
    # By mouse: a wrong set is answered with the reason of each thing that was left out.
    form = lesson.locator("form.sr-question", has_text=asked[1].text)
    form.scroll_into_view_if_needed()
    form.get_by_label("base", exact=True).check()
    form.get_by_label("code", exact=True).check()
    form.get_by_label("fairly sure").check()
    form.get_by_role("button", name="Commit").click()
    lesson.get_by_text("base: you named it, but it does not belong here.", exact=False).wait_for()
    assert "config: you left it out." in lesson.inner_text()
    assert "12,217 of 401,337 bytes sent" in lesson.inner_text()
    # By keyboard alone: a number, and letters that would edit the notebook if they reached it.
    form = lesson.locator("form.sr-question", has_text=asked[2].text)
    before, after = press_everything(page, lesson, form.get_by_role("radio").first)
    assert before == after
    form.get_by_role("textbox").focus()
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(1):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    lesson.get_by_text("You said 2 requests, and that is right.", exact=False).wait_for()
    # Skip: what is so, and why.
    form = lesson.locator("form.sr-question", has_text=asked[4].text)
    form.get_by_role("button", name="Skip").click()
    lesson.get_by_text("You skipped this one. The answer is “a refusal”", exact=False).wait_for()
    assert form.get_by_role("status").inner_text().startswith("Skipped.")


def test_a_saved_lesson_keeps_its_twins_and_no_live_view(course, page, tmp_path_factory):
    """Saved, a form is its static twin: whoever opens the file without a kernel sees the question, and no error."""
    lesson = open_notebook(page, course[0], "05-push.ipynb")
    run_all(page, lesson)
    lesson.locator("form.sr-question").first.wait_for()
    page.keyboard.press("Control+s")
    saved = next(tmp_path_factory.getbasetemp().rglob("course/05-push.ipynb"))
    until = time.monotonic() + 20
    while '"output_type"' not in saved.read_text("utf-8") and time.monotonic() < until:
        time.sleep(0.2)
    text = saved.read_text("utf-8")
    assert json.dumps(find_prediction("push.first-steps").text)[1:-1] in text
    assert "widget-view" not in text and '"widgets"' not in text


ASKING = [name for name in LESSONS if "ask(" in (ROOT / "notebooks" / name).read_text("utf-8")]


def piece_of(why):
    """The longest piece of a reason that holds no computed fact."""
    return max(re.split(r"\{[^}]*\}", why), key=len).strip()[:60]


def commit_something(form, prediction):
    """Answer a question somehow, as a learner who guesses: the first option, the number 1, the order as shown."""
    if prediction.kind in ("choice", "place"):
        form.get_by_role("radio").first.check()
    elif prediction.kind == "set":
        form.get_by_role("checkbox").first.check()
    elif prediction.kind != "order":
        form.get_by_role("textbox").fill("1")
    form.get_by_label("a guess").check()
    form.get_by_role("button", name="Commit").click()


@pytest.mark.long
@pytest.mark.parametrize("name", ASKING)
def test_every_prediction_is_made_before_it_is_revealed(course, page, name):
    """After Run All no reveal shows anything; each commitment fills its own, a wrong one with a reason of its own."""
    lesson = open_notebook(page, course[0], name)
    source = (ROOT / "notebooks" / name).read_text("utf-8")
    planned = source.count("raises-exception")
    assert len(run_all(page, lesson)) <= planned
    asked = [find_prediction(key) for key in dict.fromkeys(re.findall(r'^\s*"ask\(\\"([^\\]+)', source, re.M))]
    lesson.get_by_text("… Not revealed yet.", exact=False).nth(len(asked) - 1).wait_for()
    seen = lesson.inner_text()
    assert [prediction.key for prediction in asked if piece_of(prediction.why) in seen] == []
    for prediction in asked:
        form = lesson.locator("form.sr-question", has_text=prediction.text)
        form.scroll_into_view_if_needed()
        commit_something(form, prediction)
        form.get_by_role("status").get_by_text("Committed").wait_for()
        lesson.get_by_text(piece_of(prediction.why), exact=False).first.wait_for()
    after = lesson.inner_text()
    outcomes = [line for line in after.splitlines() if re.match(r"[✓✗] (You (said|named)|\d+ of \d+ are)", line)]
    assert len(outcomes) >= len(asked)
