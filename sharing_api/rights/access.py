"""What is held about one person: found through linkage, confirmed by an officer, others left out.

The person is an entity: mentions that linkage holds to be one. Of each mention only its own
identity is opened; other persons of the incident are counted, never shown. What an officer
restricted (DPA 2018 s.45(4) and its like) is left out, and said only to the officer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.sealing import Opener, identity_aad
from sharing_api.release import Subject
from sharing_api.release.subjects import OPEN, unasked
from sharing_api.store import queries
from sharing_api.store.ledger_entries import row_of
from sharing_api.store.ledger_tables import LedgerTable
from sharing_api.store.recall_tables import DisclosureRow, RecordPartRow
from sharing_api.store.rights_tables import AccessRestrictionRow
from sharing_api.store.tables import EntityRow
from sharing_api.store.upsert import chunks, table_of

KIND: Final = "subject-access"
SECTIONS: Final[Mapping[str, str]] = {
    "s45-4-a": "DPA 2018 s.45(4)(a): obstructing an official or legal inquiry or procedure",
    "s45-4-b": "DPA 2018 s.45(4)(b): prejudicing prevention, detection or prosecution of offences",
    "s45-4-c": "DPA 2018 s.45(4)(c): public security",
    "s45-4-d": "DPA 2018 s.45(4)(d): national security",
    "s45-4-e": "DPA 2018 s.45(4)(e): rights and freedoms of others",
    "sch2-2": "DPA 2018 Schedule 2 paragraph 2: crime and taxation",
    "sch2-16": "DPA 2018 Schedule 2 paragraph 16: rights of others",
    "sch3-5": "DPA 2018 Schedule 3 paragraph 5: serious harm, health data",
}
"""Grounds on which an item can be held back."""

_INCIDENT: Final = (
    "incident_id",
    "agency",
    "version",
    "kind",
    "recording_regime",
    "strands",
    "perceived_by",
    "perceived_target",
    "incident_type",
    "ward",
    "district",
    "severity",
    "victim_wishes",
    "outcome_code",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that the report draws on."""

    entity: Row
    incidents: Mapping[str, Row]
    disclosures: Sequence[Row]
    restrictions: Mapping[str, Row]


async def held(session: AsyncSession, decode: Any, entity_id: str) -> Held | None:
    """What the store holds about an entity; None if it is no living person."""
    row = await session.get(EntityRow, entity_id)
    if row is None or row.status != "live" or row.kind != "person":
        return None
    entity = decode("entity.v1", row.message)
    names = {member["incident_id"] for member in entity["members"]}
    messages = await queries.incident_messages(session, names)
    incidents = {name: decode("hub-incident.v1", text) for name, text in messages.items()}
    table = table_of(AccessRestrictionRow)
    lines = await session.execute(select(table).where(table.c.entity_id == entity_id))
    return Held(
        entity,
        incidents,
        await _disclosures(session, names),
        {line["item"]: dict(line) for line in lines.mappings()},
    )


async def _disclosures(session: AsyncSession, names: Collection[str]) -> list[Row]:
    """To whom an incident, or a record that rested on it, was disclosed; by the ledger's number."""
    told, parts = table_of(DisclosureRow), table_of(RecordPartRow)
    records: set[str] = set(names)
    for some in chunks(sorted(names)):
        found = await session.execute(
            select(parts.c.record_id).where(parts.c.incident_id.in_(some))
        )
        records |= set(found.scalars())
    listed: dict[int, dict[str, Any]] = {}
    for some in chunks(sorted(records)):
        query = (
            select(LedgerTable.__table__, told.c.kind)
            .join(told, told.c.sequence == LedgerTable.sequence)
            .where(told.c.record_id.in_(some))
        )
        for line in (await session.execute(query)).mappings():
            columns = {name: line[name] for name in LedgerTable.__table__.columns.keys()}  # noqa: SIM118 (names, not columns)
            entry = row_of(columns)
            listed[entry.sequence] = {
                "ledger_sequence": entry.sequence,
                "at": entry.at,
                "to": entry.agency,
                "purpose": entry.purpose,
                "agreement": entry.agreement,
                "kind": line["kind"],
                "fields": list(entry.fields),
            }
    return [listed[number] for number in sorted(listed)]


def candidate_subject(found: Held) -> Subject:
    """Put a person whom identifiers led to before the gate: enough to confirm, nobody's name.

    Which agency recorded an incident of theirs, when, and as what; restricted ones are counted.
    """
    entity_id = found.entity["entity_id"]
    members = found.entity["members"]
    clear = {
        "entity_id": entity_id,
        "mentions": len(members),
        "incidents": [
            {
                "incident_id": each["incident_id"],
                "agency": found.incidents[each["incident_id"]]["agency"],
                "occurred_from": found.incidents[each["incident_id"]]["occurred"]["from"],
                "your_role": each["role"],
            }
            for each in members
            if each["incident_id"] in found.incidents
            and f"incident:{each['incident_id']}" not in found.restrictions
        ],
    }
    return Subject(KIND, entity_id, _facts(found), clear)


def _facts(found: Held) -> dict[str, Any]:
    return {
        **OPEN,
        "originators": sorted({row["agency"] for row in found.incidents.values()}),
        "consent": unasked(),
    }


def report_subject(found: Held) -> Subject:
    """Put the report before the gate; what is restricted is not in it."""
    entity_id = found.entity["entity_id"]
    mine = {each["mention_id"]: each for each in found.entity["members"]}
    open_ = {
        name: each
        for name, each in mine.items()
        if each["incident_id"] in found.incidents
        and f"incident:{each['incident_id']}" not in found.restrictions
    }
    clear = {
        "entity_id": entity_id,
        "incidents": [_incident(found.incidents[m["incident_id"]], m) for m in open_.values()],
        "disclosures": [
            each
            for each in found.disclosures
            if f"disclosure:{each['ledger_sequence']}" not in found.restrictions
        ],
        "linked": [
            {"left": link["left"], "right": link["right"], "weight": round(link["weight"], 2)}
            for link in found.entity["links"]
            if link["left"] in open_ and link["right"] in open_
        ],
        "withheld": [
            {"item": name, "ground": SECTIONS[each["section"]], "reason": each["reason"]}
            for name, each in sorted(found.restrictions.items())
        ],
    }
    return Subject(KIND, entity_id, _facts(found), clear, {}, _opening(found.incidents, open_))


def _incident(row: Row, member: Row) -> dict[str, Any]:
    """What an incident says, without persons, texts and exact places."""
    return {
        **{name: row[name] for name in _INCIDENT},
        "occurred_from": row["occurred"]["from"],
        "recorded_at": row["recorded_at"],
        "consent": row["consent"]["state"],
        "your_role": member["role"],
        "other_persons": sum(each["position"] != member["position"] for each in row["persons"]),
        "narrative": f"held by {row['agency']}; it may name others and is asked for there",
    }


def _opening(incidents: Mapping[str, Row], mentions: Mapping[str, Row]) -> Any:
    """Opens the identity of these mentions and of nobody else."""

    def opened(
        opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        del consent_set_aside  # it is the person who asks
        if "identities" not in names:
            return {}
        found = []
        for member in mentions.values():
            row = incidents[member["incident_id"]]
            for person in row["persons"]:
                if person["position"] == member["position"]:
                    plain = opener.open(
                        row["release_key_id"],
                        row["release_wrapped_key"],
                        person["identity"],
                        identity_aad(row["incident_id"], person["position"]),
                    )
                    told = {name: value for name, value in json.loads(plain).items() if value}
                    found.append({"incident_id": row["incident_id"], **told})
        return {"identities": found}

    return opened
