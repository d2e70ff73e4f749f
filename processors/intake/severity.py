"""How grave an incident was, 0 to 5, from its kind and what was done.

| level | when |
|---|---|
| 5 | life was threatened, fire was set, or somebody was seriously injured |
| 4 | a weapon was used or shown, or somebody was injured |
| 3 | a crime with threats or damage |
| 2 | any other crime, or an incident with threats or damage |
| 1 | an incident of which some harm is not ruled out |
| 0 | an incident online, without any of these |

The level is a rank for ordering and for seeing escalation, not an assessment of risk: that is the
rubric's.
"""

from __future__ import annotations

from schemas.records import Harm


def severity(kind: str, harm: Harm, *, online: bool) -> int:
    """The level of an incident in canonical form."""
    if harm["threat_to_life"] or harm["arson"] or harm["injury"] == "serious":
        return 5
    if harm["weapon"] or harm["injury"] == "minor":
        return 4
    harmed = harm["threat"] or harm["damage"]
    if kind == "crime":
        return 3 if harmed else 2
    if harmed:
        return 2
    return 0 if online else 1
