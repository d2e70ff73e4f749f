"""The queue before deletion: whose time is up, and what somebody decided about each.

To keep an incident moves its day; to delete it asks for an erasure, which a second person has to
approve; to undo takes the last decision back, as long as it has not been carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.identifiers import stable_id
from sharing_api.rights import erasures
from sharing_api.rights.schedule import Due, Rule, due
from sharing_api.store.rights_tables import RetentionDecisionRow
from sharing_api.store.tables import AgencyRow, IncidentRow
from sharing_api.store.upsert import chunks, in_session, table_of

KEEP: Final = "keep"
DELETE: Final = "delete"
UNDO: Final = "undo"
SCHEDULE: Final = "hub/retention"
_DECISIONS = table_of(RetentionDecisionRow)


@dataclass(frozen=True, slots=True)
class Item:
    """An incident whose time is up, and how it stands: due, kept, deleting."""

    incident_id: str
    agency: str
    due: Due
    status: str
    until: str | None
    decisions: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided about one incident."""

    incident_id: str
    decision: str
    by: str
    agency: str
    reason: str
    until: date | None = None


async def queue(
    session: AsyncSession,
    decode: Any,
    rules: Sequence[Rule],
    *,
    on: date,
    after: str | None = None,
    limit: int = 50,
) -> list[Item]:
    """Incidents whose time is up by a day, by id, behind one."""
    types = {
        row.agency: row.type
        for row in await session.execute(select(AgencyRow.agency, AgencyRow.type))
    }
    found: list[Item] = []
    while len(found) < limit:
        query = select(IncidentRow.incident_id, IncidentRow.agency, IncidentRow.message)
        query = query.where(IncidentRow.retracted.is_(False)).order_by(IncidentRow.incident_id)
        if after is not None:
            query = query.where(IncidentRow.incident_id > after)
        lines = (await session.execute(query.limit(500))).all()
        if not lines:
            break
        after = lines[-1].incident_id
        up = {}
        for line in lines:
            when = due(decode("hub-incident.v1", line.message), types.get(line.agency, ""), rules)
            if when is not None and when.day <= on:
                up[line.incident_id] = (line.agency, when)
        decided = await decisions(session, up)
        found += [
            item(name, agency, when, decided.get(name, ()), on)
            for name, (agency, when) in up.items()
        ]
    return found[:limit]


async def one(
    session: AsyncSession, decode: Any, rules: Sequence[Rule], incident_id: str, on: date
) -> Item | None:
    """One incident, whenever its time is up; None if it is not there or no rule fits."""
    row = await session.get(IncidentRow, incident_id)
    if row is None or row.retracted:
        return None
    owner = await session.get(AgencyRow, row.agency)
    when = due(decode("hub-incident.v1", row.message), owner.type if owner else "", rules)
    if when is None:
        return None
    decided = await decisions(session, [incident_id])
    return item(incident_id, row.agency, when, decided.get(incident_id, ()), on)


def item(
    incident_id: str, agency: str, when: Due, decided: Sequence[Mapping[str, Any]], on: date
) -> Item:
    """How an incident stands, by the decisions about it, oldest first; an undo takes one back."""
    standing: list[Mapping[str, Any]] = []
    for each in decided:
        if each["decision"] == UNDO:
            del standing[-1:]
        else:
            standing.append(each)
    last = standing[-1] if standing else None
    status, until = "due", None
    if last is not None and last["decision"] == DELETE:
        status = "deleting"
    elif last is not None and str(last["until"]) > on.isoformat():
        status, until = "kept", last["until"]
    return Item(incident_id, agency, when, status, until, tuple(decided))


async def decisions(
    session: AsyncSession, incident_ids: Iterable[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """Decisions about incidents, oldest first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for some in chunks(sorted(incident_ids)):
        query = select(_DECISIONS).where(_DECISIONS.c.incident_id.in_(some))
        for line in (await session.execute(query.order_by(_DECISIONS.c.at))).mappings():
            found.setdefault(line["incident_id"], []).append(dict(line))
    return found


def decide(
    connection: Connection, verdict: Verdict, standing: Item, wait_until: datetime, now: datetime
) -> bool:
    """Note a decision and do what follows; False where it cannot be, as things stand."""
    erasure_id: str | None = None
    if verdict.decision == DELETE:
        if standing.status == "deleting":
            return False
        wish = erasures.Wish(
            (verdict.incident_id,),
            verdict.reason,
            f"retention {standing.due.rule.id}",
            verdict.by,
            verdict.agency,
            wait_until,
        )
        erasure_id = erasures.request(connection, wish, now)
    elif verdict.decision == UNDO and not _undone(connection, verdict, standing, now):
        return False
    row = {
        "decision_id": stable_id("rtd", verdict.incident_id, verdict.decision, now.isoformat()),
        "incident_id": verdict.incident_id,
        "decision": verdict.decision,
        "until": verdict.until.isoformat() if verdict.until else None,
        "erasure_id": erasure_id,
        "by": verdict.by,
        "agency": verdict.agency,
        "reason": verdict.reason,
        "at": now,
    }
    connection.execute(insert(_DECISIONS).values(**row))
    return True


async def by_schedule(
    session: AsyncSession, decode: Any, rules: Sequence[Rule], now: datetime
) -> int:
    """Ask for and approve what the schedule calls automatic; how many. It can be undone for a day.

    The schedule's rule stands for the second person: somebody wrote it, and another put it in use.
    """
    found = await queue(session, decode, rules, on=now.date(), limit=1000)
    automatic = [each for each in found if each.due.rule.action == "automatic"]
    waiting = [each for each in automatic if each.status == "due" and not each.decisions]
    for each in waiting:
        reason = f"Schedule: {each.due.rule.basis}"
        verdict = Verdict(each.incident_id, DELETE, SCHEDULE, each.agency, reason)
        await in_session(session, decide, verdict, each, now + erasures.WAITS, now)
        newest = (await decisions(session, [each.incident_id]))[each.incident_id][-1]
        rule = f"rule {each.due.rule.id}"
        await in_session(session, erasures.approve, newest["erasure_id"], rule, now)
    return len(waiting)


def _undone(connection: Connection, verdict: Verdict, standing: Item, now: datetime) -> bool:
    """Whether there is something to take back, and its erasure, if any, could be called off."""
    if standing.status == "due":
        return False
    if standing.status == "kept":
        return True
    last = [each for each in standing.decisions if each["erasure_id"]][-1]
    return erasures.cancel(connection, last["erasure_id"], verdict.by, now)
