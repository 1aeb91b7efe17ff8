"""The benchmarks run: each part at small sizes gives rows with ratios. No test asserts seconds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as a person would."""
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def rows(text: str) -> list[list[str]]:
    """The cells of a Markdown table's rows."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("part", ["core", "scale", "peers"])
def test_a_part_runs_small_and_gives_rows(part):
    """Each row has a name, a figure and a meaning; nothing is written."""
    if part == "peers" and not (shutil.which("docker-registry") and shutil.which("skopeo")):
        pytest.skip("the peers are not here")
    before = RESULTS.read_bytes()
    done = run("--quick", part)
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    assert len(found) >= 4 and all(name and ours and says for name, ours, _, _, _, says in found)
    assert any(float(ratio) > 0 for *_, ratio, _, _ in found if ratio)
    assert RESULTS.read_bytes() == before


def test_a_part_that_is_none_is_named():
    """With those there are."""
    done = run("--quick", "nothing")
    assert done.returncode == 2 and "core, scale, peers, lessons" in done.stderr


def test_the_results_are_complete_and_keep_their_goals():
    """Stored with the machine's kind and a date: every part is in them, and each goal was met when they were taken."""
    text = RESULTS.read_text(encoding="utf-8")
    assert re.search(r"Measured on \d{4}-\d\d-\d\d, in one run, by `make bench`: .* cores", text)
    found = {row[0]: row for row in rows(text)}
    names = " ".join(found)
    for part in ("import", "a pushed byte", "hub of 1,060,000", "fleet of", "mark and plan", "server,", "lessons"):
        assert part in names
    assert float(found["a pushed byte"][3]) <= 1.3
    hub = found["hub of 1,060,000 images"]
    seconds, memory = re.fullmatch(r"([\d.]+) s, ([\d.]+) GB", hub[1]).groups()
    assert float(hub[3]) <= 12 and float(seconds) < 15 and float(memory) < 2
    assert (RESULTS.parent / "results.png").read_bytes().startswith(b"\x89PNG")
