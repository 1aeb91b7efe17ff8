"""The files that describe the project say the same: pyproject.toml, environment.yml, requirements.lock, Makefile."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from long_runs import LONGEST_FIRST
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

# conda-forge splits off matplotlib's window toolkits, and calls the driver's Python half by another name.
PIP_NAME = {"matplotlib-base": "matplotlib", "playwright-python": "playwright"}

# In two parts each, so that this file does not name them itself.
INDEX_HOSTS = [f"{a}.{b}" for a, b in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org")]]
HOST_OR_PATH = re.compile("|".join([*map(re.escape, INDEX_HOSTS), "file:/" + "//", re.escape(f"{ROOT}/")]))


def requirements(lines: list[object]) -> dict[str, SpecifierSet]:
    """Names and bounds of a list of requirements; entries of another kind (an included group) are left out."""
    parsed = [Requirement(line) for line in lines if isinstance(line, str)]
    return {PIP_NAME.get(each.name, canonicalize_name(each.name)): each.specifier for each in parsed}


def group(name: str) -> dict[str, SpecifierSet]:
    """The requirements of one dependency group, with the groups it includes."""
    entries = PROJECT["dependency-groups"][name]
    included = [group(entry["include-group"]) for entry in entries if isinstance(entry, dict)]
    return requirements(entries) | {key: value for each in included for key, value in each.items()}


def bounds() -> dict[str, SpecifierSet]:
    """What the project asks for: the course's packages, and those of its developers."""
    return requirements(PROJECT["project"]["dependencies"]) | group("dev")


def conda_bounds() -> dict[str, SpecifierSet]:
    """The bounds in environment.yml, by the names that pip uses."""
    # conda writes python=3.13 for what packaging writes ==3.13.*
    lines = [re.sub(r"^(\w+)=([\d.]+)$", r"\1==\2.*", line) for line in CONDA["dependencies"] if isinstance(line, str)]
    return requirements(lines)


def test_conda_and_pip_want_the_same():
    """environment.yml and pyproject.toml name the same packages with the same bounds."""
    conda = conda_bounds()
    assert {name: conda[name] for name in conda.keys() - {"python", "pip"}} == bounds()


def test_conda_pins_python_to_a_minor_version_that_the_project_supports():
    """Binder builds with the Python that environment.yml names, so it names one minor version."""
    (pin,) = conda_bounds()["python"]
    minor = pin.version.removesuffix(".*")
    assert re.fullmatch(r"3\.\d+", minor)
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(Version(f"{minor}.0"))


def test_conda_uses_one_channel_and_installs_the_project_itself():
    """conda-forge alone; and Binder's conda build installs the package only because pip is told to."""
    assert CONDA["channels"] == ["conda-forge"]
    assert {"pip": ["-e ."]} in CONDA["dependencies"]


def test_binder_finds_the_environment():
    """A binder folder would make Binder ignore the environment.yml at the root."""
    assert not (ROOT / "binder").exists()
    assert not (ROOT / ".binder").exists()


def test_the_lock_is_plain():
    """Each line of the lock is a name and a version: no host, path, marker or comment; sorted, nothing twice."""
    assert [line for line in LOCK if not re.fullmatch(r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.+!]*", line)] == []
    names = [line.partition("==")[0] for line in LOCK]
    assert names == sorted(set(names))


def test_the_lock_holds_what_the_project_asks_for():
    """Each requirement of the course and of its developers is in the lock, within its bounds."""
    locked = dict(line.split("==") for line in LOCK)
    assert [name for name, bound in bounds().items() if locked.get(name, "0") not in bound] == []


def test_the_readme_names_targets_that_exist():
    """Each `make …` of the README and of CONTRIBUTING.md is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    texts = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = set(re.findall(r"(?:`|^ *\$? ?)make ([a-z-]+)", texts, flags=re.MULTILINE))
    assert {"lab", "test", "test-long"} <= named <= targets


def test_the_files_that_come_first_are_there():
    """A file that was moved would lose its place in the order of the run, and the run its balance."""
    assert [name for name in LONGEST_FIRST if not (ROOT / name).is_file()] == []


def tracked() -> list[Path]:
    """The files of the checkout that are the project's own, by git's account; none in an unpacked archive."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return []
    return [ROOT / name for name in ran.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_index_or_a_folder_of_one_machine():
    """What is written here holds on every machine: no index's host name and no path of this checkout."""
    files = tracked()
    if not files:
        pytest.skip("not a git checkout")
    texts = {path.relative_to(ROOT): path.read_bytes().decode("utf-8", errors="ignore") for path in files}
    assert {str(name): found.group() for name, text in texts.items() if (found := HOST_OR_PATH.search(text))} == {}
