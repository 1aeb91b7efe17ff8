"""`simregistry gc`, `why` and `report` on a real storage folder, as somebody types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simregistry import Client, Registry, cli
from simregistry.connect.storage_writer import write_storage
from simregistry.study.examples import webapp


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two versions of the web app, and a third that has lost its tag."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v3", "v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
    laptop.tag("registry.example/web:v1", "registry.example/web:v3")
    laptop.push("registry.example/web:v3")
    return write_storage(registry.storage, tmp_path / "storage")


def test_gc_prints_a_plan_and_touches_nothing(folder, capsys):
    """Status 0, a line for each blob that would go, with the reason."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert cli.main(["gc", str(folder), "--delete-untagged"]) == 0
    said = capsys.readouterr().out
    assert "takes 3, 12,217 of" in said and "no tag leads to" in said
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("collector", ["distribution-3", "distribution-2.8"])
def test_gc_json_is_one_object_for_a_program(folder, capsys, collector):
    """With what the plan is, sorted."""
    assert cli.main(["gc", str(folder), "--json", "--delete-untagged", "--collector", collector]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["collector"] == collector and said["delete_untagged"] is True and said["failed"] is None
    assert said["deleted_blobs"] == sorted(said["deleted_blobs"]) and len(said["deleted_blobs"]) == 3
    assert said["freed_bytes"] == 12_217
    assert len(said["manifests_after"]) == 2 and all(name.startswith("web@sha256:") for name in said["manifests_after"])


def test_gc_has_status_1_where_the_real_collector_would_give_up(folder, capsys):
    """And says what the real one says."""
    (folder / "docker/registry/v2/repositories/web/_manifests/tags/v1/current/link").write_bytes(b"")
    assert cli.main(["gc", str(folder), "--delete-untagged", "--json", "--collector", "distribution-2.8"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (
        "invalid checksum digest format" in said["failed"] and said["deleted_blobs"] == [] and said["freed_bytes"] == 0
    )


@pytest.mark.parametrize("command", [["gc"], ["why"], ["report"]])
def test_a_path_that_holds_no_storage_has_status_2(tmp_path, capsys, command):
    """With what to give instead, on stderr."""
    assert cli.main([*command, str(tmp_path), *(["abc"] if command == ["why"] else [])]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "rootdirectory" in told.err


def test_why_shows_each_way_that_keeps_a_blob(folder, capsys):
    """A base layer is kept by every tag; the code of an untagged image by none."""
    base = webapp.build(Client(), "v1").manifest.layers[0].digest
    assert cli.main(["why", str(folder), base.short]) == 0
    ways = capsys.readouterr().out.splitlines()
    assert [way.partition(" ")[0] for way in ways] == ["web:v1", "web:v2", "web:v3", "web"]
    assert cli.main(["why", str(folder), "sha256:00000000"]) == 2
    assert "no blob" in capsys.readouterr().err


def test_report_counts_and_draws(folder, tmp_path, capsys):
    """What sharing saves, what hangs on each tag, and a picture on demand."""
    picture = tmp_path / "sharing.png"
    assert cli.main(["report", str(folder), "--figure", str(picture)]) == 0
    said = capsys.readouterr().out
    assert "3 images, 5 layers" in said and "uploads under way: 0" in said
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_odd_in_a_folder_is_noted_and_the_answer_is_given(folder, capsys):
    """On stderr, so that a pipe gets the answer alone."""
    (folder / "docker/registry/v2/repositories/notes.txt").write_text("see the wiki")
    assert cli.main(["gc", str(folder)]) == 0
    assert "notes.txt" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_fault(folder):
    """`simregistry gc … | head -1`, and no traceback."""
    command = f"{sys.executable} -m simregistry.cli gc {folder} --delete-untagged --json | head -1"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "{\n")


def test_a_bar_is_drawn_on_a_terminal_alone(folder, capsys, monkeypatch):
    """A pipe gets the answer, and a log no thousand bars."""
    assert cli.main(["gc", str(folder)]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert cli.main(["gc", str(folder)]) == 0
    bars = capsys.readouterr().err
    assert "manifests    [##############################] 3/3" in bars and "blobs" in bars


def test_gc_lists_what_stays_with_the_way_that_keeps_it(folder, capsys):
    """Tag, then manifest."""
    assert cli.main(["gc", str(folder), "--delete-untagged", "--kept"]) == 0
    kept = capsys.readouterr().out.partition("kept by")[2].splitlines()
    assert any(line.rstrip().endswith("web:v1") or "web:v1 → " in line for line in kept)
