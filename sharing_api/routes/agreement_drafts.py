"""What officers do with agreements: draft, test, approve, withdraw. Each is asked of the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from policies.agreements import AgreementInvalid
from policies.engine import EngineUnavailable
from sharing_api import answers
from sharing_api.agreements import desk, wording
from sharing_api.agreements.desk import Act, Known
from sharing_api.agreements.examining import engines, examine
from sharing_api.agreements.states import Step, Version
from sharing_api.agreements.subjects import act_subject
from sharing_api.agreements.survival import survives
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.deciding import Why
from sharing_api.problems import Problem, documented, not_accepted, unavailable
from sharing_api.release import Asker, Missing, Refusal, Release
from sharing_api.routes.parameters import RecordId
from sharing_api.services import Services
from sharing_api.store import queries
from sharing_api.wording import DIGEST_PATTERN, Sentence

KIND = "agreement-decision"
ERRORS = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1/agreements", tags=["agreements"])

Number = Annotated[int, Path(ge=1, le=100_000, description="Number of the version.")]


class Draft(BaseModel):
    """A text to begin with."""

    text: str = Field(min_length=1, max_length=200_000, description="The agreement, in sentences.")
    reason: Sentence = Field(description="Why it is drafted, in a sentence.")


class Approval(Why):
    """An approval of the very text that was read."""

    digest: str = Field(
        pattern=DIGEST_PATTERN,
        description="Digest of the text that you read; another one under this number is refused.",
    )


class Effect(BaseModel):
    """From when an act holds."""

    policy_revision: str = Field(description="Revision of the policy that it is in force with.")
    in_force_here: datetime = Field(description="It is in force on this node.")
    in_force_everywhere_by: datetime = Field(
        description="By then every node and every policy engine has it: one poll of the bundle."
    )


class Acted(answers.Released):
    """What was done."""

    agreement_id: str
    version: int
    state: str = Field(description="State of the version now.")
    digest: str = Field(description="SHA-256 of the version's text.")
    effect: Effect
    report: dict[str, Any] | None = Field(None, description="What a test found.")


@router.post(
    "/drafts",
    status_code=201,
    response_model=Acted,
    responses=ERRORS,
    summary="Draft a version of an agreement from its text",
)
async def draft_agreement(
    draft: Draft, services: Given, asker: Asking, stated: Stating
) -> Response:
    """A text that cannot be read is answered with line, column, and what could stand there (422).

    A draft under the number of an earlier draft replaces it. It permits nothing.
    """
    act = acting(services, asker, stated, draft.reason)
    outcome = await _permitted(services, act, act_subject("draft", "draft", act.at), stated)
    try:
        agreement = await asyncio.to_thread(wording.read, draft.text)
    except AgreementInvalid as error:
        raise not_accepted(wording.faults(error)) from None
    version, _ = await desk.draft(services, act, agreement)
    return await _acted(services, outcome, act, version, 201)


@router.post(
    "/{agreement_id}/versions/{number}/test",
    response_model=Acted,
    responses=ERRORS,
    summary="Test a version: its examples, its completeness, what it opens and closes",
)
async def test_version(
    agreement_id: RecordId,
    number: Number,
    why: Why,
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """A version that fails is a draft still; one that passes may be approved.

    Its examples are run on the embedded engine and, where the gate asks an OPA, on that too.
    """
    act = acting(services, asker, stated, why.reason)
    outcome, version = await permitted_on(services, act, agreement_id, number, "test", stated)
    in_force = await asyncio.to_thread(services.parts.agreements)
    report = await _examined(services, version, in_force)
    kind = "tested" if report["passed"] else "test-failed"
    await desk.step(services, act, version, "test", kind=kind, detail={"report": report})
    return await _acted(services, outcome, act, version, report=report)


@router.post(
    "/{agreement_id}/versions/{number}/approve",
    response_model=Acted,
    responses=ERRORS,
    summary="Approve a version that somebody else wrote",
)
async def approve_version(
    agreement_id: RecordId,
    number: Number,
    approval: Approval,
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """It is live from its first day on, at once if that has come; the version before it ends then.

    409 where it has not passed its tests, or is not the text that you read.
    """
    act = acting(services, asker, stated, approval.reason)
    outcome, version = await permitted_on(services, act, agreement_id, number, "approve", stated)
    if version.digest != approval.digest:
        raise Problem(409, "another-text", "The text under this number is not the one you read.")
    await survives(services, act, outcome, {**version.agreement, "status": "live"})
    await desk.step(services, act, version, "approve")
    return await _acted(services, outcome, act, version)


@router.post(
    "/{agreement_id}/versions/{number}/withdraw",
    response_model=Acted,
    responses=ERRORS,
    summary="Withdraw a version; what it alone permits is refused from now on",
)
async def withdraw_version(
    agreement_id: RecordId,
    number: Number,
    why: Why,
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """For good: what is withdrawn comes back as a new version only, nor does an earlier one."""
    act = acting(services, asker, stated, why.reason)
    outcome, version = await permitted_on(services, act, agreement_id, number, "withdraw", stated)
    await survives(services, act, outcome, {**version.agreement, "status": "withdrawn"})
    await desk.step(services, act, version, "withdraw")
    return await _acted(services, outcome, act, version)


async def _examined(
    services: Services, version: Version, in_force: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    on = engines(services.policy)
    async with services.reading() as session:
        agencies = await queries.agency_types(session)
    try:
        return await asyncio.to_thread(examine, dict(version.agreement), in_force, on, agencies)
    except EngineUnavailable:
        raise unavailable("policy engine") from None


def acting(services: Services, asker: Asker, stated: Stated, reason: str) -> Act:
    """What an officer does, as the desk takes it. Raises Problem 503 without a store for it."""
    if services.keeper is None:
        raise unavailable("store of agreements")
    return Act(asker, stated.purpose, reason, services.parts.clock())


async def _permitted(services: Services, act: Act, subject: Any, stated: Stated) -> Release:
    terms = {**stated.terms(), "justification": act.reason}
    outcome = await services.gate.release(act.asker, act.purpose, subject, **terms)
    if isinstance(outcome, Refusal):
        raise answers.refused(services, KIND, outcome)
    return outcome


async def permitted_on(
    services: Services, act: Act, agreement_id: str, number: int, step: Step, stated: Stated
) -> tuple[Release, Version]:
    """The permission for a step, and the version that it is about.

    A version that is not there and one that is not for this asker are answered alike; an author
    who approves is told that they are the author.
    """
    known: Known = await desk.known(services, agreement_id)
    version = known.numbered(number)
    if version is None:
        missing = Missing(KIND, f"{agreement_id}@{number}")
        return await _permitted(services, act, missing, stated), _nothing()
    subject = act_subject(agreement_id, step, act.at, version=version)
    try:
        return await _permitted(services, act, subject, stated), version
    except Problem as problem:
        reasons: Sequence[Mapping[str, str]] = problem.members.get("reasons", ())
        unsaid = all(reason["code"] == "record-not-available" for reason in reasons)
        if unsaid and step == "approve" and version.author == act.asker.subject:
            raise desk.own_work() from None
        raise


def _nothing() -> Version:
    raise Problem(409, "state", "There is no such version.")


async def _acted(
    services: Services,
    outcome: Release,
    act: Act,
    version: Version,
    status: int = 200,
    **members: Any,
) -> Response:
    keeper = services.keeper
    revision = await keeper.refresh() if keeper is not None else ""
    known = await desk.known(services, version.agreement_id)
    return answers.one(
        services,
        KIND,
        outcome,
        status,
        agreement_id=version.agreement_id,
        version=version.number,
        state=known.states[version.digest],
        digest=version.digest,
        effect=desk.effect(services, revision, act.at),
        **members,
    )
