"""Where a clause holds, and where the rules deny whatever it says: boxes of a `Space`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

from policies.examination.boxes import Box, intersection
from policies.examination.judging import DECIDING
from policies.examination.space import Space
from policies.examination.vocabulary import OTHER

Part = Mapping[str, Collection[Any]]

_RELATED: Final = {
    "any": ("neither", "tenant", "own", "own and tenant"),
    "own": ("own", "own and tenant"),
    "tenant": ("tenant", "own and tenant"),
}
_NOT_OWN: Final = ("neither", "tenant")


def holding(
    space: Space, agreement: Mapping[str, Any], clause: Mapping[str, Any], *, history: bool
) -> list[Box]:
    """Give the boxes in which a compiled clause holds.

    `history` asks for a field that tells who a victim is: beside a transgender strand it needs the
    clause's word and the person's consent (Gender Recognition Act 2004 s.22).
    """
    base = _base(space, agreement, clause)
    if base is None:
        return []
    choices = (_consent(clause), _case(clause), _history(clause) if history else [{}])
    found: list[Box] = []
    for parts in product(*choices):
        box: Box | None = base
        for part in parts:
            box = None if box is None else intersection(box, space.box(part))
        if box is not None:
            found.append(box)
    return found


def denials(space: Space, *, victim: bool, subject: bool) -> list[Box]:
    """Give the boxes in which the rules deny, or keep back a field of this nature."""
    parts = list(_RULES)
    if space.kind in DECIDING:
        parts += [{"justification": [False]}, {"emergency": ["approved"]}]
    if victim:
        parts.append({"wish:anonymous": [True]})
    others = [name for name in space.dimensions["agency_type"] if name != "police"]
    parts.append({"about_subject": [True], "non_crime": [True], "agency_type": others})
    if subject:
        parts.append({"non_crime": [True], "agency_type": others})
    return [space.box(part) for part in parts]


_RULES: Final[Sequence[Part]] = (
    {"wish:no_police": [True], "agency_type": ["police"], "relation": _NOT_OWN},
    {"wish:no_landlord": [True], "agency_type": ["housing"], "relation": _NOT_OWN},
    {"wish:no_landlord": [True], "relation": ["tenant"]},
    {"wish:no_school": [True], "agency_type": ["school", "university"], "relation": _NOT_OWN},
)


def _base(space: Space, agreement: Mapping[str, Any], clause: Mapping[str, Any]) -> Box | None:
    starts, ends = agreement["starts_day"], agreement["ends_day"]
    days = [day for day in space.dimensions["day"] if starts <= day <= ends]
    if agreement["status"] != "live" or not days:
        return None
    recipients, exclude = clause["recipients"], clause["exclude"]
    allowed: dict[str, Collection[Any]] = {
        "day": days,
        "relation": _RELATED[clause["relation"]],
        "entity_kind": clause["entity_kinds"],
        "handling": clause["handling"],
    }
    for name, names in (
        ("agency", recipients["agencies"]),
        ("agency_type", recipients["agency_types"]),
        ("role", recipients["roles"]),
        ("vetting", clause["vetting"]),
    ):
        if "*" not in names:
            allowed[name] = [one for one in names if one != OTHER]
    if clause["relevant_authority"]:
        allowed["authority"] = [True]
    if clause["justification"]:
        allowed["justification"] = [True]
    if exclude["children"]:
        allowed["child"] = [False]
    allowed |= {f"category:{name}": [False] for name in exclude["subject_categories"]}
    allowed |= {f"strand:{name}": [False] for name in exclude["strands"]}
    allowed |= {f"regime:{name}": [False] for name in exclude["recording_regimes"]}
    box = space.box(allowed)
    return box if all(box) else None


def _consent(clause: Mapping[str, Any]) -> list[Part]:
    if not clause["consent"]:
        return [{}]
    lifted = _IN_EMERGENCY if "consent" in clause["emergency_lifts"] else []
    return [*_recorded(clause), *lifted]


def _case(clause: Mapping[str, Any]) -> list[Part]:
    if not clause["case_member"]:
        return [{}]
    lifted = _IN_EMERGENCY if "case_member" in clause["emergency_lifts"] else []
    return [{"case_member": [True]}, *lifted]


def _history(clause: Mapping[str, Any]) -> list[Part]:
    agreed = clause["transgender_history"] == "with-consent"
    return [{"strand:transgender": [False]}, *(_recorded(clause) if agreed else ())]


def _recorded(clause: Mapping[str, Any]) -> Iterator[Part]:
    return ({"consent": [True], f"scope:{scope}": [True]} for scope in clause["consent"])


_IN_EMERGENCY: Final[list[Part]] = [{"emergency": ["approved"]}]
