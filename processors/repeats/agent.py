"""Repeats on the log: entities and ticks in, alerts out. The rules are in `alerts`."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from processors.log import LogRecord
from processors.repeats.alerts import diff, judged
from processors.repeats.rules import Rules
from schemas.records import Alert, Entity

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class RepeatsCore:
    """Holds every entity and what stands for it; a heap tells which windows lapse next."""

    name = "repeats"
    inputs = ("hub.entity.v1", "hub.tick.v1")
    output = "hub.alert.v1"
    key = "alert_id"
    pause = 0.0
    patience = inf

    def __init__(self, rules: Rules) -> None:
        """Begin without entities, before all time."""
        self._rules = rules
        self._as_of = _BEGINNING
        self._entities: dict[str, Entity] = {}
        self._standing: dict[str, dict[str, Alert]] = {}
        self._touched: set[str] = set()
        self._lapses: list[tuple[datetime, str]] = []

    def stood(self, _key: str, value: dict[str, Any]) -> None:
        """Learn what the alert topic holds."""
        alert: Alert = value  # type: ignore[assignment]
        self._standing.setdefault(alert["entity_id"], {})[alert["alert_id"]] = alert

    def apply(self, record: LogRecord) -> None:
        """Take an entity as it now stands, or a tick."""
        if record.topic == "hub.tick.v1":
            if record.value is not None:
                self._pass_time(record.value["as_of"])
        elif record.value is None:
            self._entities.pop(record.key, None)
            self._touched.add(record.key)
        else:
            self._entities[record.key] = record.value  # type: ignore[assignment]
            self._touched.add(record.key)

    def _pass_time(self, as_of: datetime) -> None:
        self._as_of = max(self._as_of, as_of)
        while self._lapses and self._lapses[0][0] <= self._as_of:
            self._touched.add(heapq.heappop(self._lapses)[1])

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Judge the entities that were touched, or all, and give the alerts that differ."""
        touched = self._entities.keys() | self._standing.keys() if whole else self._touched
        out: list[Mapping[str, Any]] = []
        for entity_id in sorted(touched):
            out += self._judge(entity_id)
        self._touched = set()
        return out

    def _judge(self, entity_id: str) -> list[Alert]:
        entity = self._entities.get(entity_id)
        now: list[Alert] = []
        if entity is not None:
            now, lapse = judged(entity, self._rules, self._as_of)
            if lapse is not None:
                heapq.heappush(self._lapses, (lapse, entity_id))
        standing = self._standing.get(entity_id, {})
        changed = diff(standing, now)
        if changed:
            kept = self._standing.setdefault(entity_id, standing)
            kept.update({alert["alert_id"]: alert for alert in changed})
        return changed

    def audit(self, _output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Nothing: an alert combines no more than its entity did."""
        return ()
