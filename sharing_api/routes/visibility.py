"""Who can see a record, for officers; and why a request was refused, for whoever asked.

The first looks at the facts of a record, and is released like one. The second looks at the asker
alone: its answer is the same whatever the hub holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from policies.examination.refusal import why_refused
from policies.examination.visibility import who_can_see
from policies.reasons import sentence
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.problems import ReasonText, documented
from sharing_api.records import alert_subjects, incident_of
from sharing_api.release import Asker, Missing, Subject, question
from sharing_api.release.subjects import OPEN, unasked
from sharing_api.routes.parameters import RecordId
from sharing_api.services import Services
from sharing_api.store import queries

KIND = "visibility"
ERRORS = documented(400, 401, 403, 404, 422, 503)

router = APIRouter(prefix="/v1", tags=["accountability"])


class Lacking(BaseModel):
    """A clause that names the asker, and what it asks for besides."""

    agreement: str
    title: str
    clause: int
    text: str
    codes: list[str]
    lacking: list[str]


class Why(BaseModel):
    """Why such a request is refused; nothing of a record."""

    reasons: list[ReasonText]
    lacks: list[Lacking]
    ledger_reference: str = Field(description=answers.REFERENCE)
    policy_revision: str


@router.get(
    "/alerts/{alert_id}/who-can-see",
    response_model=answers.Released,
    responses=ERRORS,
    summary="Who could be given this alert, field by field, and under which clause",
)
async def who_sees_alert(
    alert_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """Each class of askers, with what a clause asks of them; who is not listed sees nothing."""
    async with services.reading() as session:
        found = await queries.alert(session, alert_id)
        subjects = await alert_subjects(services, session, [found] if found else [])
    return await _seen(services, asker, stated, subjects[0] if subjects else None, alert_id)


@router.get(
    "/incidents/{incident_id}/who-can-see",
    response_model=answers.Released,
    responses=ERRORS,
    summary="Who could be given this incident, field by field, and under which clause",
)
async def who_sees_incident(
    incident_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """As for an alert."""
    async with services.reading() as session:
        found = (await queries.incident_messages(session, [incident_id])).get(incident_id)
    subject = incident_of(services, found) if found else None
    return await _seen(services, asker, stated, subject, incident_id)


@router.get(
    "/why-refused",
    response_model=Why,
    responses=ERRORS,
    summary="Why is such a request refused, and what would a clause need of you?",
)
async def why(
    services: Given,
    asker: Asking,
    stated: Stating,
    kind: Annotated[
        Literal["alert", "incident", "signal", "receipt", "link-review", "exclusion", "agreement"],
        Query(description="The kind of record that was asked for."),
    ],
) -> Response:
    """State what you stated then. The answer is the same whatever the hub holds."""
    asked = Missing(kind, "none")
    outcome = await services.gate.release(asker, stated.purpose, asked, **stated.terms())
    in_force = await asyncio.to_thread(services.parts.agreements)
    document = _document(services, asker, stated, question.facts(asked))
    said = await asyncio.to_thread(why_refused, [dict(one) for one in in_force], document)
    codes = getattr(outcome, "reasons", ())
    body = {
        "reasons": [{"code": code, "text": sentence(code)} for code in codes],
        "lacks": said.as_json()["lacks"],
        "ledger_reference": outcome.ledger_reference,
        "policy_revision": outcome.policy_revision,
    }
    headers = answers.decision_headers(outcome) | {"Cache-Control": answers.NO_STORE}
    return JSONResponse(body, headers=headers)


async def _seen(
    services: Services, asker: Asker, stated: Stated, record: Subject | None, name: str
) -> Response:
    """Look only where the answer may leave: looking takes its time."""
    subject: Subject | Missing = Missing(KIND, name)
    if record is not None:
        may = await services.gate.passes(
            asker, stated.purpose, _subject(record, None), {}, **stated.terms()
        )
        classes = await _classes(services, record) if may else None
        subject = _subject(record, classes)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, KIND, outcome)


async def _classes(services: Services, record: Subject) -> list[dict[str, Any]]:
    async with services.reading() as session:
        types = await queries.agency_types(session)
    in_force = await asyncio.to_thread(services.parts.agreements)
    facts = {**question.facts(record), "id": record.id}
    day = (services.parts.clock().date() - question.EPOCH).days
    found = await asyncio.to_thread(
        who_can_see, [dict(one) for one in in_force], facts, epoch_day=day, types=types
    )
    return [sight.as_json() for sight in found]


def _subject(record: Subject, classes: Any) -> Subject:
    """It belongs to whom the record belongs to, and concerns nobody: it holds no value of it."""
    owners = question.facts(record)["originators"]
    facts = {**OPEN, "originators": owners, "consent": unasked()}
    clear = {"record_id": record.id, "kind": record.kind, "classes": classes}
    return Subject(KIND, record.id, facts, clear)


def _document(
    services: Services, asker: Asker, stated: Stated, facts: Mapping[str, Any]
) -> dict[str, Any]:
    now = services.parts.clock()
    ask = question.Question.of(
        asker, stated.purpose, stated.justification or "", stated.emergency, now
    )
    return ask.about(facts, "none")
