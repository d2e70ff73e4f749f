"""Pointer lookup: whether a person is known to the partnership, and whom to ask about it.

The answer names agencies, as far as agreements permit, and nothing else. "Nobody may be named" and
"nobody knows" are one answer: the same bytes but for the entry's number, after the same time.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from schemas.records import Person
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.listing import answered_page
from sharing_api.lookup import pointers
from sharing_api.lookup.asking import admitted, mentions_of
from sharing_api.lookup.correspondence import LookupAway
from sharing_api.lookup.identifiers import person_of
from sharing_api.problems import documented, unavailable
from sharing_api.records import incidents_by_id
from sharing_api.release import Refusal, Subject
from sharing_api.routes.parameters import Cursor, Identifiers, Limit
from sharing_api.services import Services
from sharing_api.store import lookups, queries
from sharing_api.store.upsert import in_session

router = APIRouter(prefix="/v1/lookups", tags=["lookups"])


class Pointer(BaseModel):
    """An agency to ask."""

    agency: str
    contact: str | None = Field(description="A team's mailbox or telephone; null if none is known.")
    obligations: list[dict[str, Any]] = Field(description="What the asker must keep to.")


class Pointers(BaseModel):
    """Agencies that hold something and may be named; none need not mean that nobody does."""

    agencies: list[Pointer]
    ledger_reference: str = Field(description=answers.REFERENCE)
    policy_revision: str = Field(description="Revision of the policy that decided.")


@router.post(
    "",
    response_model=Pointers,
    responses=documented(400, 401, 403, 413, 422, 429, 503),
    summary="Ask which agencies know a person",
)
async def look_up(
    question: Identifiers, services: Given, asker: Asking, stated: Stating
) -> Response:
    """The agencies concerned see that you asked, and for what. An empty answer proves nothing."""
    begun = monotonic()
    moment = services.parts.clock()
    person = person_of(question.person, moment)
    lookup_id = await admitted(services, asker, stated, moment)
    try:
        batch = await services.gate.release_all(
            asker,
            stated.purpose,
            _pointers(services, person, lookup_id, moment),
            kind=pointers.KIND,
            **stated.terms(),
        )
        if isinstance(batch, Refusal):
            raise answers.refused(services, pointers.KIND, batch)
    except LookupAway:
        raise unavailable("linkage") from None
    finally:
        await _tide(services, begun)
    services.metrics.permitted(pointers.KIND, len(batch.releases))
    body = {
        "agencies": pointers.agencies_of(batch.releases),
        "ledger_reference": batch.ledger_reference,
        "policy_revision": batch.policy_revision,
    }
    headers = answers.decision_headers(batch) | {"Cache-Control": answers.NO_STORE}
    return JSONResponse(answers.jsonable(body), headers=headers)


@router.get(
    "",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Lookups that concerned your agency's records, oldest first",
)
async def list_lookups(
    services: Given, asker: Asking, stated: Stating, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Which agency asked, when and for what, and which of your incidents it concerned."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            found = await lookups.seen(session, asker.agency, after=position, limit=count)
        return [(row["lookup_id"], pointers.seen_subject(row)) for row in found]

    return await answered_page(
        services,
        asker,
        stated,
        pointers.SEEN,
        fetch,
        cursor=cursor,
        limit=limit,
    )


async def _pointers(
    services: Services, person: Person, lookup_id: str, moment: datetime
) -> AsyncIterator[Subject]:
    """What there is to point at; asked for only once the asker is covered."""
    mentions = await mentions_of(services, person, lookup_id, moment)
    async with services.sessions.begin() as session:
        incidents = await incidents_by_id(
            services, session, (name.partition("#")[0] for name in mentions)
        )
        owners = pointers.owners_of(mentions, incidents)
        found = await queries.agency_messages(session, owners)
        await in_session(session, lookups.concern, lookup_id, owners)
    contacts = {
        agency: services.reader.decode("agency.v1", message)["contact"]
        for agency, message in found.items()
    }
    for subject in pointers.pointer_subjects(mentions, incidents, contacts):
        yield subject


async def _tide(services: Services, begun: float) -> None:
    """Wait until the fixed time is over, or the next multiple of it."""
    tide = services.settings.lookup_seconds
    spent = monotonic() - begun
    await asyncio.sleep(math.ceil(spent / tide) * tide - spent)
