"""A worker's search for garbage, tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from concord.stack import garbage
garbage.search_less()
assert gc.isenabled() and gc.get_freeze_count() > 1000 and gc.get_threshold()[0] > 700
one = []; one.append(one); del one
assert gc.collect() >= 1
"""


def test_less_is_searched_and_garbage_is_still_found() -> None:
    """What is loaded is left out, cycles that come later are not."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
