"""What schemathesis is helped with: it draws headers without regard to their pattern.

A request that is meant to be valid leaves out an emergency whose id is none; one that is meant to
be wrong keeps it.
"""

from __future__ import annotations

import re
from typing import Any

import schemathesis

HEADER = "Concord-Emergency"
VALID = re.compile(r"emr_[0-9a-f]{24}")


@schemathesis.hook
def map_case(_context: Any, case: Any) -> Any:
    """Leave the header out where it would make a valid request wrong."""
    meant_well = case.meta is None or case.meta.generation.mode.is_positive
    value = case.headers.get(HEADER) if case.headers else None
    if meant_well and value is not None and not VALID.fullmatch(str(value)):
        del case.headers[HEADER]
    return case
