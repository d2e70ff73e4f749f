"""Incidents, one at a time; there is no list of incidents to look through."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.problems import documented
from sharing_api.records import incident_of
from sharing_api.release import Missing
from sharing_api.routes.parameters import RecordId
from sharing_api.store import queries

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


@router.get(
    "/{incident_id}",
    response_model=answers.Released,
    responses=documented(400, 401, 403, 422, 503),
    summary="One incident, as far as it may be released to you",
)
async def show_incident(
    incident_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """An incident that is not there and one that is not for you are answered alike: 403."""
    async with services.reading() as session:
        messages = await queries.incident_messages(session, [incident_id])
    found = messages.get(incident_id)
    subject = incident_of(services, found) if found else Missing("incident", incident_id)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, "incident", outcome)
