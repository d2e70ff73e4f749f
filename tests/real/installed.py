"""Where the real components are on this machine, and what to say about one that is not.

`tests/real/install.sh` puts them there. Outside CI a missing component skips the tests that need
it; in CI it fails them, so that a green run cannot hide an untested promise.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

HOME = Path(os.environ.get("CONCORD_REAL_HOME", Path.home() / ".cache" / "concord-real"))
PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"


def in_ci() -> bool:
    """Whether this run is one whose result others rely on."""
    return os.environ.get("CI") == "true"


def missing(component: str) -> None:
    """Skip the test outside CI, fail it in CI."""
    reason = f"{component} is not installed; run tests/real/install.sh"
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require(component: str, path: Path | str | None) -> Path:
    """Return the path of a component that is there; otherwise do as `missing` says."""
    if path is None or not Path(path).exists():
        missing(component)
    return Path(str(path))


def java() -> Path:
    """Return a Java runtime of version 21 or later."""
    return require("Java 21", HOME / "java")


def kafka_libs() -> Path:
    """Return the folder with the jars of Apache Kafka."""
    return require("Apache Kafka", newest(HOME, "kafka-*/libs"))


def apicurio_jar() -> Path:
    """Return the jar that starts Apicurio Registry."""
    return require("Apicurio Registry", newest(HOME, "apicurio-*/quarkus-run.jar"))


def opa_program() -> Path:
    """Return the opa program: the installed one, else the one on the path."""
    found = HOME / "bin" / "opa"
    return require("OPA", found if found.exists() else shutil.which("opa"))


def compose_program() -> Path:
    """Return the real Compose binary."""
    return require("docker-compose", HOME / "bin" / "docker-compose")


def postgresql_programs() -> Path:
    """Return the folder with initdb and postgres."""
    debian = newest(Path("/usr/lib/postgresql"), "*/bin/initdb")
    return require("PostgreSQL", debian or shutil.which("initdb")).parent


def newest(folder: Path, pattern: str) -> Path | None:
    """Return the last match in version order of names, or None."""
    found = sorted(path for path in folder.glob(pattern) if ".part" not in str(path))
    return found[-1] if found else None
