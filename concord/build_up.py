"""The demo's build-up: one week in which three agencies report against one group in one district.

Made up as everything in the demo is. It is published after the rest of the county's story, as the
returns of the story's last day, so that one sees it arrive.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from concord.scenario import Scenario
from concord.scenario.county import District, county
from producers.records import TENSION_REPORT, Event
from schemas import codec
from schemas.identifiers import stable_id

GROUP: Final = "religion:jewish"
LEARNED_DAYS: Final = 36
"""A story shorter than this leaves the hub learning: it raises nothing by counting."""
_STRAND: Final = "religion"
_FOLDED: Final = "open meeting of Thursday"
"""Two agencies report what was said there; the hub counts it once in each place."""

_REPORTS: Final = (
    # agency, days before, ward, eep, source, intelligence, origin, what
    ("beacon-monitor", 5, 0, "experienced", 2, "C", None, "Shouting at people on their way home."),
    ("hallowby-council", 4, 1, "evidenced", 1, "B", None, "Stickers on bus shelters, removed."),
    ("open-door", 4, 0, "experienced", 2, "C", None, "Families speak of staying away from events."),
    ("beacon-monitor", 3, 1, "experienced", 2, "B", None, "Eggs thrown at a gathering."),
    ("hallowby-council", 3, 8, "potential", 2, "C", _FOLDED, "A speaker named the community."),
    ("beacon-monitor", 2, 8, "potential", 2, "D", _FOLDED, "The same speech, told by a visitor."),
    ("open-door", 2, 1, "evidenced", 1, "A", None, "Graffiti on a wall, photographed."),
    ("hallowby-council", 1, 0, "evidenced", 2, "B", None, "Windows of a hall broken at night."),
    ("beacon-monitor", 1, 1, "experienced", 2, "C", None, "Threats in a local group online."),
)


def district() -> District:
    """The district in which it builds up."""
    return county().districts[3]


def reports(scenario: Scenario) -> list[Event]:
    """The returns, recorded at noon of the story's last day."""
    noon = datetime.combine(scenario.until, time(12), UTC)
    return [_report(noon, number) for number in range(len(_REPORTS))]


def _report(noon: datetime, number: int) -> Event:
    agency, back, ward, eep, source, intelligence, origin, what = _REPORTS[number]
    reference = f"T/{noon:%Y}/B{number + 1:04d}"
    value: dict[str, Any] = {
        "event_id": stable_id("evt", agency, reference, "1"),
        "agency": agency,
        "reference": reference,
        "recorded_at": noon + timedelta(minutes=number),
        "observed": {"from": noon - timedelta(days=back), "to": None, "precision": "day"},
        "eep": eep,
        "category": "religious",
        "strands": [_STRAND],
        "group_affected": GROUP,
        "ward": district().wards[ward].code,
        "district": district().code,
        "grading": {
            "source": source, "intelligence": intelligence, "handling": "P", "conditions": None,
        },
        "direction": "up",
        "proposed_level": 3,
        "detail": what,
        "origin_ref": origin,
    }  # fmt: skip
    return Event(TENSION_REPORT, codec.complete(TENSION_REPORT, value))
