"""Versions of agreements as officers read them: texts, states, history, what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from sharing_api import answers
from sharing_api.agreements import desk
from sharing_api.agreements.states import reminders
from sharing_api.agreements.subjects import name_of, reminder_subject, version_subject
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.release import Asker, Missing, Subject
from sharing_api.routes.agreement_drafts import Number
from sharing_api.routes.parameters import Cursor, Limit, RecordId
from sharing_api.services import Services

KIND = "agreement-version"
ERRORS = documented(400, 401, 403, 404, 422, 503)
AHEAD = 60

router = APIRouter(prefix="/v1/agreements", tags=["agreements"])


@router.get(
    "/reminders",
    response_model=answers.Page,
    responses=ERRORS,
    summary="Agreements that are due for review, or about to end",
)
async def list_reminders(
    services: Given,
    asker: Asking,
    stated: Stating,
    days: Annotated[int, Query(ge=0, le=3650, description="How many days ahead to look.")] = AHEAD,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The next one first; a review that is overdue comes before them."""
    in_force = await asyncio.to_thread(services.parts.agreements)
    due = reminders(in_force, services.parts.clock().date(), days)
    subjects = [reminder_subject(one) for one in due]
    return await _page(services, asker, stated, subjects, "reminders", cursor, limit)


@router.get(
    "/{agreement_id}/versions",
    response_model=answers.Page,
    responses=ERRORS,
    summary="Every version of an agreement, drafts included, with its state",
)
async def list_versions(
    agreement_id: RecordId,
    services: Given,
    asker: Asking,
    stated: Stating,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Oldest first; a draft that was replaced stays on the list. Without the texts."""
    known = await desk.known(services, agreement_id)
    subjects = [
        version_subject(one, known.states[one.digest], (), text=False) for one in known.versions
    ]
    return await _page(services, asker, stated, subjects, "versions", cursor, limit)


@router.get(
    "/{agreement_id}/versions/{number}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="One version: its text, its state, and what happened to it",
)
async def show_version(
    agreement_id: RecordId, number: Number, services: Given, asker: Asking, stated: Stating
) -> Response:
    """The text that was approved under this number, or else the last that was drafted."""
    known = await desk.known(services, agreement_id)
    version = known.numbered(number)
    subject: Subject | Missing = Missing(KIND, name_of(agreement_id, number))
    if version is not None:
        subject = version_subject(version, known.states[version.digest], known.events, text=True)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, KIND, outcome)


@router.get(
    "/{agreement_id}/history",
    response_model=answers.Page,
    responses=ERRORS,
    summary="What happened to an agreement, version by version",
)
async def show_history(
    agreement_id: RecordId,
    services: Given,
    asker: Asking,
    stated: Stating,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Who drafted, tested, approved and withdrew, and why; what days and the folder brought about.

    Oldest version first; of each what happened to it, in order. Drafts that were replaced and
    nothing else happened to are there too.
    """
    known = await desk.known(services, agreement_id)
    subjects = [
        version_subject(one, known.states[one.digest], known.events, text=False)
        for one in known.versions
    ]
    return await _page(services, asker, stated, subjects, "history", cursor, limit)


async def _page(
    services: Services,
    asker: Asker,
    stated: Stated,
    subjects: Sequence[Subject],
    name: str,
    cursor: str | None,
    limit: int,
) -> Response:
    """A page of a list that is short enough to be made as a whole."""
    names = [subject.id for subject in subjects]

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        if position is not None and position not in names:
            return ()
        begin = names.index(position) + 1 if position is not None else 0
        return [(subject.id, subject) for subject in subjects[begin : begin + count]]

    place = f"agreements-{name}"
    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
        place=place,
    )
