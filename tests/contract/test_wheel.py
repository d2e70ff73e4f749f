"""The wheel holds the six packages with their data and the verifier, and works when installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = {"concord", "producers", "processors", "sharing_api", "policies", "schemas"}
NOT_SHIPPED = {"_test.rego", ".pyc"}
DATA = {
    ".avsc", ".toml", ".rego", ".json", ".csv", ".css", ".js", ".html", ".j2", ".mako", ".txt",
    ".agreement", ".lark",
}  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the tree, with the pinned builder."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run(
        [*command, str(PROJECT)], check=False, capture_output=True, text=True, cwd=folder
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment that has the wheel instead of the tree.

    Its dependencies are those of this environment, which came from the lock; the tree is not on
    its path, so what the wheel lacks is missing.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "env" / "lib" / version / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for dependency in map(Path, sys.path):
        if dependency.name == "site-packages":
            # A plain path line: unlike the environment's own start-up it runs no .pth file, and so
            # leaves out the editable install of this tree.
            (site / "dependencies.pth").write_text(f"{dependency}\n")
    return folder / "env" / "bin"


def test_it_holds_exactly_the_six_packages_and_the_verifier(wheel: Path) -> None:
    """Nothing else is installed at the top: no tests, no tools."""
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {
        *PACKAGES,
        "concord_verify.py",
    }


def test_it_holds_every_data_file(wheel: Path) -> None:
    """Each schema, rule, table and template of the tree is in the wheel."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    in_tree = {
        path.relative_to(PROJECT).as_posix()
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.suffix in DATA and not any(path.name.endswith(end) for end in NOT_SHIPPED)
    }
    assert {Path(name).suffix for name in in_tree} >= {
        ".avsc",
        ".toml",
        ".rego",
        ".json",
        ".agreement",
        ".lark",
    }
    assert in_tree - shipped == set()


def test_the_command_runs_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    """`concord --help` answers from the wheel, in a folder that has nothing to do with the tree."""
    code = "import concord, sys; print(concord.__file__); from concord.cli import main; main()"
    answer = run(installed, tmp_path, "-c", code, "--help")
    assert answer.returncode == 0, answer.stderr
    assert str(installed.parent) in answer.stdout.splitlines()[0]
    assert "Usage" in answer.stdout


@pytest.mark.timeout(300)  # the matcher is compiled anew where it was just installed
def test_the_demo_runs_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    """`concord demo --once --json` tells the whole story from the wheel alone."""
    code = "from concord.cli import main; main()"
    arguments = ("demo", "--once", "--json", "--incidents", "60", "--seed", "3")
    answer = run(installed, tmp_path, "-c", code, *arguments)
    assert answer.returncode == 0, answer.stderr[-3000:]


def run(programs: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the environment's own Python, without this tree's path and settings."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "CONCORD_", "VIRTUAL_ENV"))
    }
    return subprocess.run(
        [str(programs / "python"), "-P", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
        cwd=folder,
        env=environment | {"HOME": str(folder)},
    )
