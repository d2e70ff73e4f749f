"""Possible links: what a coordinator should look at, why, and what people decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import eq
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from sharing_api import answers, deciding
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.records import incidents_by_id
from sharing_api.release import Asker, Missing, Refusal, Subject, Wanted
from sharing_api.release.link_subjects import decision_subject, review_subject
from sharing_api.routes.parameters import CODE, Code, Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store import link_queries
from sharing_api.store.link_queries import Review

KIND = "link-review"
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1/link-reviews", tags=["links"])


class Ruling(deciding.Why):
    """A decision about a pair."""

    decision: Literal["same", "different"] = Field(description="One person, or two.")


@router.get(
    "", response_model=answers.Page, responses=ERRORS, summary="Possible links, oldest first"
)
async def list_reviews(
    services: Given,
    asker: Asking,
    stated: Stating,
    status: Annotated[
        Literal["open", "decided", "contested"] | None,
        Query(description="open: nobody has decided; contested: decisions contradict."),
    ] = None,
    why: Code = None,
    entity: Annotated[
        str | None, Query(pattern=CODE, description="Pairs of mentions of this person.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """A filter finds only what is released: filtering by a withheld field finds nothing."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            found = await link_queries.reviews(session, after=position, limit=count)
            subjects = await _subjects(services, session, found)
        return [(subject.id, subject) for subject in subjects]

    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
        wanted=_wanted(status, why, entity),
    )


def _wanted(status: str | None, why: str | None, entity: str | None) -> Wanted:
    tests: dict[str, Any] = {}
    if status is not None:
        tests["status"] = partial(eq, status)
    for name, value in (("why", why), ("entity_ids", entity)):
        if value is not None:
            tests[name] = partial(_lists, value)
    return tests


def _lists(value: str, shown: Any) -> bool:
    return isinstance(shown, list) and value in shown


async def _subjects(
    services: Services, session: AsyncSession, found: Sequence[Review]
) -> list[Subject]:
    mentions = [mention for each in found for mention in (each.left, each.right)]
    incidents = await incidents_by_id(services, session, (m.partition("#")[0] for m in mentions))
    return [review_subject(each, incidents) for each in found]


async def _found(services: Services, review_id: str) -> tuple[Review | None, Subject | Missing]:
    async with services.reading() as session:
        review = await link_queries.review(session, review_id)
        subjects = await _subjects(services, session, [review] if review else [])
    return review, subjects[0] if subjects else Missing(KIND, review_id)


@router.get(
    "/{review_id}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="One possible link: both sides, the evidence, and every decision",
)
async def show_review(
    review_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """A pair that is not there and one that is not for you are answered alike: 403."""
    _, subject = await _found(services, review_id)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, KIND, outcome)


@router.post(
    "/{review_id}/decision",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Decide that the two are one person, or two",
)
async def decide_review(
    review_id: RecordId, ruling: Ruling, services: Given, asker: Asking, stated: Stating
) -> Response:
    """It holds until it is taken back; another decision needs that first (409)."""
    return await _decide(services, asker, stated, review_id, ruling.decision, ruling)


@router.post(
    "/{review_id}/undo",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Take the standing decision back",
)
async def undo_review(
    review_id: RecordId, why: deciding.Why, services: Given, asker: Asking, stated: Stating
) -> Response:
    """The evidence decides again; the history keeps both. 409 where no decision stands."""
    return await _decide(services, asker, stated, review_id, "open", why)


async def _decide(
    services: Services,
    asker: Asker,
    stated: Stated,
    review_id: str,
    decision: str,
    why: deciding.Why,
) -> Response:
    review, subject = await _found(services, review_id)
    moment = services.parts.clock()
    by = deciding.pseudonym(services, asker)
    asked: Subject | Missing = Missing("link-decision", review_id)
    if isinstance(subject, Subject):
        asked = decision_subject(subject, decision, by, moment, about="person")
    terms = {**stated.terms(), "justification": why.reason}
    outcome = await services.gate.release(asker, stated.purpose, asked, **terms)
    if isinstance(outcome, Refusal) or review is None:
        return answers.one(services, "link-decision", outcome)
    if decision == "open" and not review.decision:
        raise deciding.conflict("No decision about this pair stands.")
    if decision != "open" and review.decision:
        raise deciding.conflict("A decision about this pair stands; take it back first.")
    seen = deciding.Seen(review_id, review.left, review.right, review.weight, review.evidence)
    await deciding.decide(services, asker, stated.purpose, why, decision, seen, moment)
    answer = answers.one(services, "link-decision", outcome)
    answer.status_code = 201
    return answer
