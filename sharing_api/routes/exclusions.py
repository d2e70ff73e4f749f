"""Values that linkage leaves out because too many records share one; a coordinator restores one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from operator import eq
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from sharing_api import answers, deciding, reviews
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.records import entity_of
from sharing_api.release import Asker, Missing, Refusal, Subject
from sharing_api.release.link_subjects import decision_subject, exclusion_subject
from sharing_api.routes.parameters import Code, Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store import link_queries
from sharing_api.store.queries import Stored

KIND = "exclusion"
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1/linkage/exclusions", tags=["links"])


@router.get("", response_model=answers.Page, responses=ERRORS, summary="Values left out of linkage")
async def list_exclusions(
    services: Given,
    asker: Asking,
    stated: Stating,
    kind: Code = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Kinds, counts and reasons; never a value. In the order of their ids."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            found = await link_queries.exclusions(session, after=position, limit=count)
            return [(each.id, each) for each in await _subjects(services, session, found)]

    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
        wanted={} if kind is None else {"kind": partial(eq, kind)},
    )


@router.post(
    "/{exclusion_id}/restore",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Compare by this value all the same",
)
async def restore_exclusion(
    exclusion_id: RecordId, why: deciding.Why, services: Given, asker: Asking, stated: Stating
) -> Response:
    """It holds until it is taken back (409 where it holds already)."""
    return await _decide(services, asker, stated, exclusion_id, "restore", why)


@router.post(
    "/{exclusion_id}/undo",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Leave this value out again",
)
async def undo_exclusion(
    exclusion_id: RecordId, why: deciding.Why, services: Given, asker: Asking, stated: Stating
) -> Response:
    """Takes a restoration back (409 where there is none)."""
    return await _decide(services, asker, stated, exclusion_id, "open", why)


async def _subjects(
    services: Services, session: AsyncSession, found: Sequence[Stored]
) -> list[Subject]:
    decided = await link_queries.decisions(session, [stored.id for stored in found])
    entities: list[Mapping[str, Any]] = [entity_of(services, each.message) for each in found]
    return [exclusion_subject(entity, decided.get(entity["entity_id"], ())) for entity in entities]


async def _decide(
    services: Services,
    asker: Asker,
    stated: Stated,
    exclusion_id: str,
    decision: str,
    why: deciding.Why,
) -> Response:
    async with services.reading() as session:
        found = await link_queries.exclusion(session, exclusion_id)
        subjects = await _subjects(services, session, [found] if found else [])
        decided = (await link_queries.decisions(session, [exclusion_id])).get(exclusion_id, ())
    moment, by = services.parts.clock(), deciding.pseudonym(services, asker)
    asked: Subject | Missing = Missing("link-decision", exclusion_id)
    if subjects:
        asked = decision_subject(subjects[0], decision, by, moment, about="none")
    terms = {**stated.terms(), "justification": why.reason}
    outcome = await services.gate.release(asker, stated.purpose, asked, **terms)
    if isinstance(outcome, Refusal):
        return answers.one(services, "link-decision", outcome)
    stands = reviews.standing(decided)
    if (decision == "open") != bool(stands):
        text = "is restored already" if stands else "is not restored"
        raise deciding.conflict(f"This value {text}.")
    seen = deciding.Seen(exclusion_id, exclusion_id)
    await deciding.decide(services, asker, stated.purpose, why, decision, seen, moment)
    answer = answers.one(services, "link-decision", outcome)
    answer.status_code = 201
    return answer
