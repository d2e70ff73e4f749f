"""From an entity to its alerts, from two sets of alerts to what must be published.

Everything here is a pure function; time comes in as `as_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Final

from processors.repeats import wording
from processors.repeats.basis import RULES_OF, Basis, Sides, sides_of
from processors.repeats.rubric import highest
from schemas.identifiers import stable_id

if TYPE_CHECKING:
    from datetime import datetime

    from processors.repeats.rules import Rules
    from schemas.records import Alert, Entity, Link

#: Rules whose alert is about the one who suffered, so that the risk form belongs to it.
_WITH_FORM: Final = frozenset({"repeat-victim", "cmarac-candidate", "same-victim-perpetrator"})
_STANDING: Final = frozenset({"raised", "lapsed"})


def alert_id(rule: str, entity_id: str) -> str:
    """Return the id of the one alert that `rule` can have for an entity."""
    return stable_id("alr", rule, entity_id)


def alerts(entity: Entity, rules: Rules, as_of: datetime) -> list[Alert]:
    """Return every alert of `entity` as it stands at `as_of`, sorted by rule.

    A rule that holds is `raised`; one that held and whose window has passed is `lapsed`; one
    that does not hold on what is now known has no alert. An `as_of` before the newest record
    of the entity counts as that moment, so that an incident raises an alert by itself. An
    absorbed entity gives a `superseded` alert for each rule, which `diff` drops where there
    was nothing to supersede. A dissolved one gives none.
    """
    return judged(entity, rules, as_of)[0]


def next_change(entity: Entity, rules: Rules, as_of: datetime) -> datetime | None:
    """Return the first moment after `as_of` at which time alone changes an alert, or None."""
    return judged(entity, rules, as_of)[1]


def judged(entity: Entity, rules: Rules, as_of: datetime) -> tuple[list[Alert], datetime | None]:
    """Return what `alerts` and `next_change` do, for the price of one."""
    if entity["status"] == "absorbed":
        rest = sorted(RULES_OF[entity["kind"]])
        return [_superseded(entity, rules, rule) for rule in rest], None
    if entity["status"] != "live":
        return [], None
    now = _effective(entity, as_of)
    sides = sides_of(entity, rules)
    found: list[Alert] = []
    passing: list[datetime] = []
    for rule, grounds in RULES_OF[entity["kind"]].items():
        bases = list(grounds(sides, rules))
        live = [basis for basis in bases if now < basis.passes]
        passing += [basis.passes for basis in live]
        if bases:
            found.append(_alert(entity, rules, sides, rule, live, bases))
    return found, min(passing, default=None)


def diff(previous: Mapping[str, Alert], now: Iterable[Alert]) -> list[Alert]:
    """Return what to publish so that `now` stands where `previous` stood, sorted by alert id.

    `previous` holds the last published alerts of the same entity (or entities) as `now`, by
    alert id. A standing alert that is gone comes back as `cleared`, without its evidence. A
    superseded alert is published only over one that stood.
    """
    current = {alert["alert_id"]: alert for alert in now}
    changed: list[Alert] = []
    for key in sorted(previous.keys() | current.keys()):
        old, new = previous.get(key), current.get(key)
        stood = old is not None and old["status"] in _STANDING
        if new is None:
            if old is not None and stood:
                changed.append(_cleared(old))
        elif new["status"] == "superseded":
            moved = old is not None and old["status"] == "superseded" and old != new
            if stood or moved:
                changed.append(new)
        elif new != old:
            changed.append(new)
    return changed


def _effective(entity: Entity, as_of: datetime) -> datetime:
    newest = max((member["recorded_at"] for member in entity["members"]), default=as_of)
    return max(as_of, newest).astimezone(UTC)


def _alert(
    entity: Entity,
    rules: Rules,
    sides: Sides,
    rule: str,
    live: Sequence[Basis],
    bases: Sequence[Basis],
) -> Alert:
    shown = live or bases
    unique = {one.incident_id: one for basis in shown for one in basis.counted}
    counted = sorted(unique.values(), key=lambda one: (one.at, one.incident_id))
    mentions = {mention for one in counted for mention in one.mention_ids}
    possible = _touching(entity["review"], mentions)
    alert = _blank(entity, rules, rule)
    alert["status"] = "raised" if live else "lapsed"
    alert["since"], alert["until"] = counted[0].at, counted[-1].at
    alert["incidents"] = len(counted)
    alert["agencies"] = sorted({one.agency for one in counted})
    alert["strands"] = sorted({strand for one in counted for strand in one.strands})
    alert["districts"] = sorted({district for one in counted for district in one.districts})
    alert["incident_ids"] = sorted(unique)
    alert["mention_ids"] = sorted(mentions)
    alert["links"], alert["possible"] = _touching(entity["links"], mentions), possible
    alert["households"] = list(entity["households"])
    alert["reasons"] = [reason for basis in shown for reason in basis.reasons]
    alert["reasons"] += wording.double_reports(counted)
    if rule in _WITH_FORM:
        _add_form(alert, rules, sides)
    if live:
        alert["level"] = highest(rules.level_of(rule), alert["level"])
    else:
        alert["level"] = "standard"
        last = max(basis.passes for basis in bases).date()
        alert["reasons"].append(f"The window passed on {last.isoformat()}.")
    alert["reasons"] += wording.possible(len(possible))
    alert["reasons"] += [_flag(flag) for flag in sorted(entity["flags"])]
    return alert


def _add_form(alert: Alert, rules: Rules, sides: Sides) -> None:
    form = sides.assessment
    alert["score"], alert["score_upper"] = form.score, form.upper
    alert["items_unknown"] = list(form.items_unknown)
    alert["level"] = form.level
    alert["reasons"] += wording.form(form, rules.rubric)


def _flag(flag: str) -> str:
    return f"Linkage asks for a look before use: {flag.replace('-', ' ')}."


def _touching(links: Iterable[Link], mentions: set[str]) -> list[Link]:
    return [link for link in links if link["left"] in mentions or link["right"] in mentions]


def _superseded(entity: Entity, rules: Rules, rule: str) -> Alert:
    alert = _blank(entity, rules, rule)
    alert["status"] = "superseded"
    alert["heir"] = None if entity["heir"] is None else alert_id(rule, entity["heir"])
    alert["reasons"] = ["Linkage holds this to be the same as another; see the heir."]
    return alert


def _cleared(old: Alert) -> Alert:
    alert = _empty(old["alert_id"], old["rule"], old["entity_id"], old["entity_kind"])
    alert["rules_version"] = old["rules_version"]
    alert["reasons"] = ["No longer true on what the agencies now report."]
    return alert


def _blank(entity: Entity, rules: Rules, rule: str) -> Alert:
    entity_id = entity["entity_id"]
    alert = _empty(alert_id(rule, entity_id), rule, entity_id, entity["kind"])
    alert["rules_version"] = rules.version
    return alert


def _empty(key: str, rule: str, entity_id: str, kind: str) -> Alert:
    return {
        "alert_id": key,
        "rule": rule,
        "rules_version": "",
        "entity_id": entity_id,
        "entity_kind": kind,
        "status": "cleared",
        "heir": None,
        "level": "standard",
        "since": None,
        "until": None,
        "incidents": 0,
        "agencies": [],
        "strands": [],
        "districts": [],
        "incident_ids": [],
        "mention_ids": [],
        "score": None,
        "score_upper": 0,
        "items_unknown": [],
        "reasons": [],
        "links": [],
        "possible": [],
        "households": [],
    }
