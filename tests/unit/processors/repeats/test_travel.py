"""Alerts as they travel."""

from __future__ import annotations

from processors.repeats.alerts import alerts, diff
from processors.repeats.rules import load
from schemas import codec
from tests.unit.processors.repeats.entities import entity, member, moment


def test_every_alert_fits_its_schema() -> None:
    """Raised, superseded and cleared ones survive Avro unchanged."""
    link = {"left": "inc_1#0", "right": "inc_2#0", "weight": 9.0, "band": "link", "evidence": []}
    pair = [member(n, f"2025-0{n}-01", immediate=["weapon"], rubric={"1": 5}) for n in (1, 2)]
    now = moment("2025-03-01")
    raised = alerts(entity(*pair, links=[link]), load(), now)
    superseded = alerts(entity(status="absorbed", heir="ent_2"), load(), now)
    cleared = diff({one["alert_id"]: one for one in raised}, [])
    for alert in [*raised, *superseded, *cleared]:
        data = codec.encode("alert.v1", dict(alert))
        assert codec.decode("alert.v1", data) == alert
