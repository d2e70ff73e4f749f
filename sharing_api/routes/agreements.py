"""Sharing agreements that an asker may read: what is shared, with whom, on what ground."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from sharing_api import answers
from sharing_api.agreements import wording
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.release import Missing, Subject
from sharing_api.release.subjects import agreement_subject
from sharing_api.routes.parameters import Cursor, Limit, RecordId

router = APIRouter(prefix="/v1/agreements", tags=["agreements"])


@router.get(
    "",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Agreements that you may read",
)
async def list_agreements(
    services: Given, asker: Asking, stated: Stating, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """In the order of their ids, each with the state of the version that stands; no drafts."""
    held = _sorted(await asyncio.to_thread(services.parts.agreements))

    async def fetch(after: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        later = [one for one in held if after is None or _place(one) > after]
        return [(_place(one), agreement_subject(wording.worded(one))) for one in later[:count]]

    return await answered_page(
        services,
        asker,
        stated,
        "agreement",
        fetch,
        cursor=cursor,
        limit=limit,
        place="agreements",
    )


@router.get(
    "/{agreement_id}",
    response_model=answers.Released,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="One agreement, the version that stands",
)
async def show_agreement(
    agreement_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """An agreement that is not there and one that is not for you are answered alike: 403."""
    versions = [
        one
        for one in _sorted(await asyncio.to_thread(services.parts.agreements))
        if one["id"] == agreement_id
    ]
    subject: Subject | Missing = Missing("agreement", agreement_id)
    if versions:
        subject = agreement_subject(wording.worded(versions[-1]))
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, "agreement", outcome)


def _sorted(held: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(held, key=_place)


def _place(one: Mapping[str, Any]) -> str:
    return f"{one['id']}@{int(one['version']):08d}"
