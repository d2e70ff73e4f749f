"""Subject access: find the person, confirm, hold items back where the law says, make the report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.identifiers import mention_id
from schemas.records import Person
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.lookup.asking import admitted, mentions_of
from sharing_api.lookup.correspondence import LookupAway
from sharing_api.lookup.identifiers import person_of
from sharing_api.problems import Problem, documented, not_accepted, unavailable
from sharing_api.release import Asker, GateClosed, Missing, Refusal, Release, Subject
from sharing_api.release.subjects import own
from sharing_api.rights import access
from sharing_api.routes.parameters import Identifiers, RecordId
from sharing_api.services import Services
from sharing_api.store import link_queries
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable
from sharing_api.store.rights_tables import AccessRestrictionRow
from sharing_api.store.upsert import in_session, upsert
from sharing_api.wording import Sentence

KIND = access.KIND
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1", tags=["rights"])


class Restriction(BaseModel):
    """One item that is held back, and on which ground."""

    item: str = Field(
        pattern=r"^(incident:[A-Za-z0-9_]{1,60}|disclosure:[0-9]{1,15})$",
        description="incident:<id> or disclosure:<ledger number>, as the report names them.",
    )
    section: Literal[
        "s45-4-a", "s45-4-b", "s45-4-c", "s45-4-d", "s45-4-e", "sch2-2", "sch2-16", "sch3-5"
    ] = Field(description="The ground: DPA 2018 s.45(4)(a) to (e), Schedules 2 and 3.")
    reason: Sentence = Field(description="Why, in a sentence without names. Kept in the ledger.")


@router.get(
    "/subject-access",
    response_model=answers.Released,
    responses=ERRORS,
    summary="Who is the person at a place of an incident, by its agency's reference",
)
async def find_person(
    services: Given,
    asker: Asking,
    stated: Stating,
    agency: Annotated[str, Query(max_length=60, description="The agency that recorded it.")],
    reference: Annotated[str, Query(max_length=200, description="Its own reference.")],
    position: Annotated[int, Query(ge=0, le=99, description="Place of the person in it.")] = 0,
) -> Response:
    """Gives the person's id and how many mentions it has: to be confirmed before a report."""
    incident_id = services.parts.pseudonyms.incident_id(agency, reference)
    name = mention_id(incident_id, position)
    async with services.reading() as session:
        entity_id = (await link_queries.places(session, [name]))[name]
        found = await access.held(session, services.reader.decode, entity_id) if entity_id else None
    subject: Subject | Missing = Missing(KIND, entity_id or incident_id)
    if found is not None:
        clear = {"entity_id": entity_id, "mentions": len(found.entity["members"])}
        subject = own(KIND, entity_id, agency, clear)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, KIND, outcome)


@router.post(
    "/subject-access-searches",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 413, 422, 429, 503),
    summary="Who is the person with these identifiers, where linkage is certain",
)
async def search(body: Identifiers, services: Given, asker: Asking, stated: Stating) -> Response:
    """Gives ids, and of each person which agency recorded what when: to be confirmed first.

    Counted and limited as lookups are; linkage is asked only for who may have the report.
    """
    moment = services.parts.clock()
    person = person_of(body.person, moment)
    lookup_id = await admitted(services, asker, stated, moment)
    try:
        batch = await services.gate.release_all(
            asker,
            stated.purpose,
            _candidates(services, person, lookup_id, moment),
            kind=KIND,
            **stated.terms(),
        )
    except LookupAway:
        raise unavailable("linkage") from None
    if isinstance(batch, Refusal):
        raise answers.refused(services, KIND, batch)
    services.metrics.permitted(KIND, len(batch.releases))
    return answers.page(batch, list(batch.releases), None)


async def _candidates(
    services: Services, person: Person, lookup_id: str, moment: datetime
) -> AsyncIterator[Subject]:
    """The living persons in whom these mentions are; one, unless linkage holds them apart."""
    mentions = await mentions_of(services, person, lookup_id, moment)
    async with services.reading() as session:
        where = await link_queries.places(session, mentions)
        for entity_id in sorted({name for name in where.values() if name}):
            found = await access.held(session, services.reader.decode, entity_id)
            if found is not None:
                yield access.candidate_subject(found)


@router.get(
    "/subject-access/{entity_id}",
    response_model=answers.Released,
    responses=documented(400, 401, 403, 404, 409, 422, 503),
    summary="Everything that is held about a person, and to whom it was disclosed",
)
async def report(
    entity_id: RecordId,
    services: Given,
    asker: Asking,
    stated: Stating,
    mentions: Annotated[
        int | None, Query(ge=1, le=100_000, description="How many mentions you have confirmed.")
    ] = None,
) -> Response:
    """Other persons are counted, never shown; `withheld` is for the officer, not for the person.

    With `mentions`: 409 where linkage holds more or fewer to be this person than were confirmed.
    """
    if mentions is not None:
        async with services.reading() as session:
            found = await access.held(session, services.reader.decode, entity_id)
        subject = Missing(KIND, entity_id) if found is None else access.candidate_subject(found)
        told = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
        if isinstance(told, Refusal):
            return answers.one(services, KIND, told)
        if told.fields.get("mentions") != mentions:
            raise Problem(409, "mentions-changed", "Linkage has changed: confirm the person again.")
    outcome = await _released(services, asker, stated, entity_id)
    return answers.one(services, KIND, outcome)


@router.post(
    "/subject-access/{entity_id}/restrictions",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Hold one item of a person's report back",
)
async def restrict(
    entity_id: RecordId, body: Restriction, services: Given, asker: Asking, stated: Stating
) -> Response:
    """The decision, its ground and its reason are recorded; the report leaves the item out."""
    async with services.reading() as session:
        found = await access.held(session, services.reader.decode, entity_id)
    outcome = await _released(services, asker, stated, entity_id)
    if isinstance(outcome, Refusal) or found is None:
        return answers.one(services, KIND, outcome)
    items = {f"incident:{name}" for name in found.incidents}
    items |= {f"disclosure:{each['ledger_sequence']}" for each in found.disclosures}
    if body.item not in items:
        raise not_accepted([{"field": "body.item", "rule": "an item of this person's report"}])
    await _record(services, asker, stated, entity_id, body)
    row = {
        "entity_id": entity_id,
        "item": body.item,
        "section": body.section,
        "reason": body.reason,
        "by": asker.subject,
        "at": services.parts.clock(),
    }
    async with services.sessions.begin() as session:
        await in_session(session, upsert, AccessRestrictionRow, [row])
    answer = answers.one(services, KIND, await _released(services, asker, stated, entity_id))
    answer.status_code = 201
    return answer


async def _released(
    services: Services, asker: Asker, stated: Stated, entity_id: str
) -> Release | Refusal:
    async with services.reading() as session:
        found = await access.held(session, services.reader.decode, entity_id)
    subject = Missing(KIND, entity_id) if found is None else access.report_subject(found)
    return await services.gate.release(asker, stated.purpose, subject, **stated.terms())


async def _record(
    services: Services, asker: Asker, stated: Stated, entity_id: str, body: Restriction
) -> None:
    entry = LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=stated.purpose,
        justification=body.reason,
        record_ids=(entity_id,),
        reasons=("access-restricted",),
        detail={"item": body.item, "section": body.section},
        at=services.parts.clock(),
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
