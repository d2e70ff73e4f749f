"""A decision that was made, kept so that it can be made again under other agreements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about one record. `sequence` is that of its ledger entry.

    `document` is the decision input that was asked, `fields` the treatment by field that the
    answer granted (empty where it refused), `reasons` its codes.
    """

    sequence: int
    record_id: str
    document: Mapping[str, Any]
    permit: bool
    fields: Mapping[str, str]
    reasons: tuple[str, ...] = ()
