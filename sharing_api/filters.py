"""What a list may be narrowed by, as tests of what the asker is shown of each record.

The gate applies them before it makes its entry; the store never narrows by a field that an
agreement could withhold, so that neither the answer nor the work for it tells a withheld value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import eq
from typing import Any, Final

from schemas.shape import timestamp
from sharing_api.release import Wanted

_MONTH: Final = re.compile(r"\d{4}-\d{2}(?:-\d{2}T.*)?")


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Narrows a list of alerts; None leaves a field open. `since`: last incident not before."""

    rule: str | None = None
    status: str | None = None
    level: str | None = None
    district: str | None = None
    since: datetime | None = None
    entity: str | None = None

    def wanted(self) -> Wanted:
        """The tests by field."""
        tests = _equal(rule=self.rule, status=self.status, level=self.level, entity_id=self.entity)
        district, since = self.district, self.since
        if district is not None:
            tests["districts"] = lambda shown: isinstance(shown, list) and district in shown
        if since is not None:
            tests["until"] = lambda shown: (until := _moment(shown)) is not None and until >= since
        return tests


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """Narrows signals; None leaves a field open."""

    area: str | None = None
    strand: str | None = None
    status: str | None = None

    def wanted(self) -> Wanted:
        """The tests by field."""
        return _equal(area=self.area, strand=self.strand, status=self.status)

    def of_kind(self, kind: str) -> Wanted:
        """The tests for a signal or a level; narrowing by status leaves levels out."""
        if kind == "signal":
            return self.wanted()
        if self.status is not None:
            return {"level_id": lambda _: False}
        return _equal(area=self.area, strand=self.strand)


def month_of(shown: Any) -> str | None:
    """The month, YYYY-MM, of a moment as it is shown; None if it is shown no finer than a year."""
    whole = isinstance(shown, str) and _MONTH.fullmatch(shown)
    return shown[:7] if whole else None


def _equal(**fields: str | None) -> dict[str, Callable[[Any], bool]]:
    return {name: partial(eq, value) for name, value in fields.items() if value is not None}


def _moment(shown: Any) -> datetime | None:
    """A moment as it is shown; None for what is coarser than that."""
    try:
        return timestamp(shown)
    except (TypeError, ValueError):
        return None
