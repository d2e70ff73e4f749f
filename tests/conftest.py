"""What holds for every test: pure tests open no socket, the others reach this machine only.

Fixtures of one subject live beside the tests that use them; this file holds rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

TESTS = Path(__file__).parent
WITHOUT_SOCKETS = frozenset({"unit", "property"})

# Test data is drawn the same way on every machine, so that a failure can be repeated.
hypothesis.settings.register_profile("concord", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("concord")

pytest_plugins = ["tests.real.fixtures", "tests.real.hub"]


@pytest.fixture(autouse=True)
def usual_logging() -> Iterator[None]:
    """Undo what a command that ran in this process said about logging."""
    yield
    structlog.reset_defaults()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile linkage before the first test that may need it; no test's time should pay for it."""
    paths = {item.path.relative_to(TESTS).as_posix() for item in session.items}
    if session.config.option.collectonly or not any(map(_links, paths)):
        return
    from processors.linkage import parameters, scoring

    scoring.warm_up(parameters.load())


def _links(path: str) -> bool:
    return "link" in path or path.startswith(("e2e/", "real/", "integration/", "contract/"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let tests run in several processes (`-n`) as `tests.scheduling` says."""
    from tests.scheduling import ByFile

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forbid sockets to the pure tests; pyproject.toml limits all others to loopback.

    Slow ones run beside servers of real components, whose threads the ban would meet as well.
    """
    for item in items:
        room = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        if room in WITHOUT_SOCKETS and item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.disable_socket)
