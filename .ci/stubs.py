"""Write the stub files of the packages that load their names late, from their tables of exports."""

from importlib import import_module
from pathlib import Path

from simregistry.exports import stub

PACKAGES = ("simregistry", "simregistry.show", "simregistry.study", "simregistry.teach")
ROOT = Path(__file__).parents[1]


def stub_file(package: str) -> Path:
    """Where a package's stub stands: beside its ``__init__.py``."""
    return ROOT.joinpath(*package.split("."), "__init__.pyi")


if __name__ == "__main__":
    for name in PACKAGES:
        stub_file(name).write_text(stub(import_module(name).EXPORTS), encoding="utf-8")
