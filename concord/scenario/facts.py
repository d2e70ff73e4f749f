"""What happened in an incident, apart from who: strands, kind, harm, place, words, consent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from concord.scenario.agencies import Agency
from concord.scenario.chance import Chance, Urn

_STRANDS = Urn(
    ("race", "religion", "sexual_orientation", "disability", "transgender", "sex",
     "alternative_subculture"),
    (73.0, 6.0, 11.0, 6.0, 2.5, 1.0, 0.5),
)  # fmt: skip
_SECOND = Urn(
    ("religion", "race", "sexual_orientation", "disability", "transgender"), (46, 20, 14, 12, 8)
)
_RELIGIONS = Urn(
    ("muslim", "jewish", "christian", "hindu", "sikh", "catholic"), (55, 22, 8, 5, 6, 4)
)
_GROUPS = {
    "sexual_orientation": Urn(("gay", "lesbian", "bisexual", "any"), (55, 20, 5, 20)),
    "disability": Urn(
        ("physical", "learning", "mental_health", "autism", "sensory", "any"),
        (30, 25, 15, 12, 8, 10),
    ),
    "transgender": Urn(("any", "non_binary"), (85, 15)),
    "sex": Urn(("female", "male"), (90, 10)),
    "alternative_subculture": Urn(("goth", "any"), (50, 50)),
}
# type: (weight, offence codes of a crime, injury odds, weapon, threat, damage)
_TYPES = {
    "abusive_behaviour": (50, ("9B", "9A"), 0.01, 0.0, 0.1, 0.0),
    "assault": (14, ("105B", "8P", "8N"), 0.6, 0.06, 0.3, 0.02),
    "threats": (9, ("8M", "9B"), 0.0, 0.1, 1.0, 0.02),
    "harassment": (11, ("8M", "8L"), 0.01, 0.01, 0.4, 0.05),
    "damage_desecration": (9, ("58J", "58A"), 0.0, 0.02, 0.1, 1.0),
    "hate_speech": (3, ("9B",), 0.0, 0.0, 0.2, 0.0),
    "literature": (1.5, ("9B",), 0.0, 0.0, 0.1, 0.0),
    "discrimination": (1.5, (), 0.0, 0.0, 0.0, 0.0),
    "arson": (0.5, ("58J",), 0.02, 0.0, 0.4, 1.0),
    "extreme_violence": (0.5, ("8P",), 1.0, 0.6, 0.8, 0.05),
}
_TYPE = Urn(tuple(_TYPES), tuple(row[0] for row in _TYPES.values()))
_PERCEIVED = Urn(
    (("victim",), ("victim", "officer"), ("victim", "witness"), ("witness",), ("officer",),
     ("other",)),
    (58, 14, 10, 8, 6, 4),
)  # fmt: skip
_CONSENT = {
    "police": Urn(("given", "refused", "not_asked", "not_safe_to_ask"), (52, 12, 33, 3)),
    "third-party-centre": Urn(
        ("given", "refused", "not_asked", "not_safe_to_ask"), (60, 24, 13, 3)
    ),
    "monitor": Urn(("given", "refused", "not_asked", "not_safe_to_ask"), (45, 35, 18, 2)),
}
_CONSENT_ELSE = Urn(("given", "refused", "not_asked", "not_safe_to_ask"), (48, 12, 37, 3))
_SCOPES = ((["cmarac"], 35), (["any"], 25), (["cmarac", "victim_support"], 20), (["housing"], 10),
           (["victim_support"], 10))  # fmt: skip
_SCOPE = Urn([row[0] for row in _SCOPES], [row[1] for row in _SCOPES])
_WISHES = ("support", "no_police", "anonymous", "safe_contact_only", "prosecution", "record_only",
           "restorative", "no_landlord")  # fmt: skip
_SAID = {
    "abusive_behaviour": ("was shouted at", "was called names", "was spat at"),
    "assault": ("was punched", "was pushed to the ground", "was kicked"),
    "threats": ("was threatened", "was told to leave or be hurt"),
    "harassment": ("was followed again", "had rubbish left at the door again"),
    "damage_desecration": ("found the window broken", "found graffiti on the wall"),
    "hate_speech": ("was named in a hostile post", "heard a hostile speech"),
    "literature": ("received a hostile leaflet",),
    "discrimination": ("was refused service",),
    "arson": ("found the bin set on fire at the door",),
    "extreme_violence": ("was attacked by several people",),
}
_REGIME_MET = 0.2


def strands(chance: Chance) -> list[str]:
    """Draw the strands; about one incident in fourteen has two."""
    first = _STRANDS.draw(chance)
    found = [first]
    if chance.yes(0.075):
        second = _SECOND.draw(chance)
        if second != first:
            found.append(second)
    return found


def targets(chance: Chance, found: list[str], race: str, religion: str | None) -> list[str]:
    """Say which groups the hostility was aimed at; now and then it mistakes the victim."""
    out = []
    for strand in found:
        if strand == "race":
            out.append(race if chance.yes(0.94) else "race:any")
        elif strand == "religion":
            known = religion if religion not in {None, "none"} and chance.yes(0.92) else None
            out.append(f"religion:{known or _RELIGIONS.draw(chance)}")
        else:
            out.append(f"{strand}:{_GROUPS[strand].draw(chance)}")
    return out


def hostile_religion(chance: Chance) -> str:
    """Draw the religion at which religious hostility is aimed."""
    return _RELIGIONS.draw(chance)


def kind_of_event(chance: Chance, agency: Agency, severity: int) -> dict[str, Any]:
    """Draw type, offence, harm and the words for it. `severity` > 0 makes worse types likelier."""
    type_ = _TYPE.draw(chance)
    for _ in range(severity):
        if type_ in {"abusive_behaviour", "hate_speech", "literature", "discrimination"}:
            type_ = _TYPE.draw(chance)
    _, codes, injury, weapon, threat, damage = _TYPES[type_]
    crime = bool(codes) and chance.yes(0.97 if type_ in _GRAVE else agency.crime)
    code = chance.pick(codes) if crime and agency.type == "police" else None
    threatened = chance.yes(threat)
    hurt = chance.yes(injury)
    return {
        "kind": "crime" if crime else "incident",
        "recording_regime": _regime(chance, agency, crime=crime),
        "incident_type": type_ if chance.yes(0.96) else None,
        "source_code": type_.replace("_", " ").title() if agency.type == "monitor" else code,
        "offence_code": code,
        "aggravated": code in {"8P", "105B", "8M", "9B", "58J"} if code else None,
        "narrative": chance.pick(_SAID[type_]),
        "harm": {
            "injury": ("serious" if chance.yes(0.12) else "minor") if hurt else _unhurt(chance),
            "weapon": chance.yes(weapon),
            "threat": threatened,
            "threat_to_life": threatened and chance.yes(0.05),
            "arson": type_ == "arson",
            "damage": chance.yes(damage),
        },
    }


_GRAVE = frozenset({"assault", "arson", "extreme_violence", "damage_desecration"})


def _unhurt(chance: Chance) -> str:
    return "none" if chance.yes(0.8) else "unknown"


def _regime(chance: Chance, agency: Agency, *, crime: bool) -> str | None:
    if crime or agency.type != "police":
        return None
    return "police-nchi-threshold-met" if chance.yes(_REGIME_MET) else "police-nchi"


def perceived_by(chance: Chance) -> list[str]:
    """Draw who perceives the hostility."""
    return list(_PERCEIVED.draw(chance))


def consent(chance: Chance, agency: Agency, recorded: datetime) -> dict[str, Any]:
    """Draw what the victim has agreed to."""
    state = _CONSENT.get(agency.type, _CONSENT_ELSE).draw(chance)
    if state == "given" and chance.yes(0.02):
        state = "withdrawn"
    asked = state in {"given", "refused", "withdrawn"}
    return {
        "state": state,
        "scope": list(_SCOPE.draw(chance)) if state in {"given", "withdrawn"} else [],
        "asked_at": recorded if asked else None,
        "withdrawn_at": recorded + timedelta(minutes=30) if state == "withdrawn" else None,
    }


def wishes(chance: Chance) -> list[str]:
    """Draw what the victim wants; mostly nothing is noted."""
    if chance.yes(0.7):
        return []
    return sorted({chance.pick(_WISHES) for _ in range(chance.between(1, 2))})


def rubric(chance: Chance, event: dict[str, Any], earlier: int, known: float) -> dict[str, int]:
    """Answer the risk questions that were asked; `earlier` incidents push the answers up."""
    harm = event["harm"]
    violent = 5 if harm["weapon"] or harm["injury"] in {"minor", "serious"} else 0
    answers = {
        "1": min(5, earlier if chance.yes(0.7) else chance.between(0, 2)),
        "2": chance.pick((2, 4)) if earlier and chance.yes(0.3) else 0,
        "3": 2 if earlier and chance.yes(0.8) else 0,
        "4": chance.pick((0, 0, 1, 2)),
        "5": chance.pick((0, 0, 0, 2, 4)),
        "6": chance.pick((0, 2, 4)),
        "7": 4 if len(event["strands"]) > 1 else 3,
        "8": 3 if chance.yes(0.25) else 0,
        "9": chance.pick((0, 1, 1, 2, 2, 3, 5)),
        "10": chance.pick((0, 0, 0, 3, 5)),
        "11": chance.pick((0, 0, 2, 3)),
        "12": chance.pick((0, 0, 1, 2)),
        "13": violent or (3 if harm["threat"] else 0),
        "14": min(2, earlier // 2),
    }
    return {item: points for item, points in answers.items() if chance.yes(known)}
