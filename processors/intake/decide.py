"""Which version of a record stands: the greatest, whatever order they arrive in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """What is compared, in the order of the fields.

    A retraction is final; then version, then when it was recorded; two events of one version are
    settled by their keyed digest.
    """

    retracted: bool
    version: int
    recorded_at: datetime
    digest: bytes


class Decision(Enum):
    """What an accepted event does to what stands."""

    NEW = "it stands from now on"
    REPEATED = "it stands already"
    STALE = "something greater stands"


def decide(current: Standing | None, candidate: Standing) -> Decision:
    """What `candidate` does where `current` stands: it must be greater to take its place."""
    if current is None or candidate > current:
        return Decision.NEW
    return Decision.REPEATED if candidate == current else Decision.STALE


def standing_of(record: Mapping[str, Any]) -> Standing:
    """The standing of a hub incident or a tension item that was published earlier."""
    return Standing(
        retracted=record["retracted"],
        version=record["version"],
        recorded_at=record["recorded_at"],
        digest=record["content_digest"],
    )
