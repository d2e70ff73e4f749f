"""Python's search for cyclic garbage, for processes that keep much for long.

With the usual thresholds it takes a fifth of the time of linkage and repeats, and a third of the
API's while the store catches up: it walks state that lasts and has no cycles, again and again.
"""

from __future__ import annotations

import gc


def search_less() -> None:
    """Leave what is loaded by now out of the search, and search a tenth as often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
