"""A decision that was made, kept so that it can be made again under other agreements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about one record. `sequence` is that of its ledger entry.

    `document` is the decision input that was asked, `fields` the treatment by field that the
    answer granted (empty where it refused), `reasons` its codes. Decisions of one reading whose
    `alike` is equal, and not None, were asked the same but for the record's id.
    """

    sequence: int
    record_id: str
    document: Mapping[str, Any]
    permit: bool
    fields: Mapping[str, str]
    reasons: tuple[str, ...] = ()
    alike: tuple[str, str] | None = None
