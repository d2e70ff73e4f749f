"""House rules that no linter knows: sizes, names, docstrings, and nothing of one machine inside."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("concord", "producers", "processors", "sharing_api", "policies", "schemas")
LONGEST_MODULE = 400  # physical lines
LONGEST_FUNCTION = 40  # physical lines, docstring not counted
LONGEST_RULE = 30  # physical lines of one Rego rule
BANNED_NAMES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
GENERATED = {"schemas/records.py"}
NOT_WRITTEN = re.compile(r"\.(?!ci$).*|__pycache__|build|dist|bench-results|data")
DATA = {".csv", ".json", ".geojson", ".txt", ".svg", ".png", ".gz", ".ico"}

# Places of the machine that something was written on, and addresses that packages come from.
FOREIGN = re.compile(
    r"/home/[a-z]|/Users/[A-Za-z]|/root/|/work/|\.\./shared|"
    r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs|repo[1]?\.maven|proxy\.golang|"
    r"deb\.debian\.org|github\.com/[^/]+/[^/]+/releases/download"
)


@cache
def modules() -> tuple[Path, ...]:
    """Every Python module of the product that a person wrote."""
    found = (path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py")))
    return tuple(
        path
        for path in found
        if path.relative_to(PROJECT).as_posix() not in GENERATED and "__pycache__" not in path.parts
    )


def name(path: Path) -> str:
    """A path as the project knows it."""
    return path.relative_to(PROJECT).as_posix()


def written_files() -> Iterator[Path]:
    """Every text file of the project, data aside."""
    for path in sorted(PROJECT.rglob("*")):
        folders = path.relative_to(PROJECT).parts[:-1]
        hidden = any(map(NOT_WRITTEN.fullmatch, folders))
        if path.is_file() and not hidden and path.suffix not in DATA:
            yield path


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """No module has more than 400 lines."""
    sizes = {name(path): path.read_text().count("\n") for path in modules()}
    assert {path: size for path, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """No function has more than 40 lines, docstring not counted."""
    too_long = [
        f"{name(path)}:{node.lineno} {node.name} {length(node)}"
        for path in modules()
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and length(node) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_rule_is_longer_than_its_reader_can_check() -> None:
    """No Rego rule has more than 30 lines."""
    too_long = [
        f"{name(path)}: {rule.splitlines()[0]}"
        for path in sorted((PROJECT / "policies").rglob("*.rego"))
        if not path.name.endswith("_test.rego")
        for rule in re.split(r"\n\s*\n", path.read_text())
        if len([line for line in rule.splitlines() if not line.startswith("#")]) > LONGEST_RULE
    ]
    assert too_long == []


def test_modules_are_named_for_what_they_hold() -> None:
    """No module or package has a name that would fit anything."""
    assert [
        name(path) for path in modules() if BANNED_NAMES & set(path.with_suffix("").parts)
    ] == []


def test_every_module_says_what_it_is_about() -> None:
    """Every module and package begins with a docstring."""
    silent = [
        name(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without __init__.py would be left out of import checks."""
    folders = {path.parent for path in modules()}
    assert sorted(name(path) for path in folders if not (path / "__init__.py").exists()) == []


def test_nothing_names_a_machine_or_a_download_address() -> None:
    """No file holds a path of somebody's machine or the address of a package registry."""
    this = Path(__file__)
    found = [
        f"{name(path)}:{number}"
        for path in written_files()
        if path != this
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("lock", ["build", "runtime", "dev"])
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    """The lock files pin each package exactly, with hashes, and name no place to get it from."""
    text = (PROJECT / "requirements" / f"{lock}.txt").read_text()
    entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_locks_hold_every_declared_dependency() -> None:
    """A dependency that was declared but not locked would be missing on a new machine."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    for lock, declared in {
        "runtime": project["dependencies"],
        "dev": project["dependencies"] + project["optional-dependencies"]["dev"],
    }.items():
        text = (PROJECT / "requirements" / f"{lock}.txt").read_text()
        pinned = {line.split("==")[0] for line in text.splitlines() if "==" in line}
        wanted = {re.split(r"[\[<>=~ ]", line)[0].lower() for line in declared}
        assert wanted - pinned == set(), lock


def test_the_arrows_between_packages_cover_every_package() -> None:
    """A package that the layers contract does not name would escape it."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    layered = {part.strip() for layer in contract["layers"] for part in layer.split("|")}
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert layered == set(PACKAGES) == set(wheel)
