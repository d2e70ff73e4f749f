"""Community tension returns: weekly by district, mostly nil, and one build-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from concord.scenario.chance import Chance, Urn
from concord.scenario.county import County, District
from schemas.identifiers import stable_id

_REPORTERS = ("bracken-police", "hallowby-council", "beacon-monitor", "open-door")
_NIL = 0.62
_CATEGORY = Urn(
    ("racial", "religious", "migration", "criminal", "online", "local_event", "world_event",
     "homophobic"),
    (30, 18, 14, 12, 10, 6, 6, 4),
)  # fmt: skip
_STRAND = {
    "racial": "race",
    "religious": "religion",
    "migration": "race",
    "homophobic": "sexual_orientation",
}
_GROUP = {
    "racial": "race:south_asian",
    "religious": "religion:muslim",
    "migration": "race:migrant",
    "homophobic": "sexual_orientation:any",
}
_DETAIL = (
    "Shopkeepers say that young people gather and shout in the evening.",
    "Residents speak of stickers on lamp posts.",
    "Posts in a local group name the area.",
    "Parents report remarks at the school gate.",
)
_BUILD_UP_DAYS = 16


def reports(
    chance: Chance, county: County, begin: datetime, end: datetime, hot: District
) -> list[dict[str, Any]]:
    """Write the weekly returns of the period; at its end one build-up in the district `hot`."""
    found: list[dict[str, Any]] = []
    weeks = max(1, (end - begin).days // 7)
    for week in range(weeks):
        friday = begin + timedelta(days=7 * week + 5, hours=-8)
        for agency in _REPORTERS:
            for district in county.districts:
                if chance.yes(0.9):
                    found.append(_item(chance, agency, district, friday, len(found), _NIL))
    for number in range(9):
        at = end - timedelta(hours=chance.between(4, 24 * _BUILD_UP_DAYS))
        agency = chance.pick(_REPORTERS)
        item = _item(chance, agency, hot, at, len(found), 0.0)
        item |= {
            "category": "racial",
            "strands": ["race"],
            "group_affected": "race:migrant",
            "ward": chance.pick(hot.wards[:6]).code,
            "eep": "evidenced" if number % 3 == 0 else "experienced",
            "direction": "up",
            "proposed_level": 3,
            "origin_ref": "public meeting" if number in {2, 5} else None,
        }
        found.append(item)
    return found


def _item(
    chance: Chance, agency: str, district: District, at: datetime, number: int, nil: float
) -> dict[str, Any]:
    at = at.replace(second=0, microsecond=0)
    reference = f"T/{at.year}/{number + 1:05d}"
    item: dict[str, Any] = {
        "event_id": stable_id("evt", agency, reference, "1"),
        "agency": agency,
        "reference": reference,
        "recorded_at": at,
        "observed": {"from": at - timedelta(days=3), "to": None, "precision": "week"},
        "nil_return": chance.yes(nil),
        "district": district.code,
    }
    if item["nil_return"]:
        return item
    category = _CATEGORY.draw(chance)
    return item | {
        "observed": {
            "from": at - timedelta(hours=chance.between(2, 100)), "to": None, "precision": "day",
        },
        "eep": chance.pick(("experienced", "experienced", "evidenced", "potential")),
        "category": category,
        "strands": [_STRAND[category]] if category in _STRAND else [],
        "group_affected": _GROUP.get(category),
        "ward": chance.pick(district.wards).code if chance.yes(0.7) else None,
        "grading": {
            "source": chance.pick((1, 2, 2, 3)),
            "intelligence": chance.pick("ABCCD"),
            "handling": "P",
            "conditions": None,
        },
        "direction": chance.pick(("same", "same", "up", "down")),
        "proposed_level": chance.pick((3, 4, 4, 5, 5, 6)),
        "online": category == "online",
        "platform": "a social network" if category == "online" else None,
        "detail": chance.pick(_DETAIL),
        "kin_consulted": chance.yes(0.4),
    }  # fmt: skip
