"""Which tests run beside which, where there are several processes: a file's stay together.

Those of the embedded hub that all of `tests/e2e` share stay in one process as well, and begin
early, since they take longest: work is given out in the order in which it is collected.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out files one at a time, and the end-to-end tests as one piece of work."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        """Keep the order of collection."""
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "e2e" if path.startswith("tests/e2e/") else path
