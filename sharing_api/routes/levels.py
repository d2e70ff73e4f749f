"""Levels of tension: the machine proposes, a person sets, and later says what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from operator import eq
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select
from starlette.responses import JSONResponse, Response

from schemas.records import TensionLevel
from schemas.shape import timestamp
from schemas.vocabulary import codes
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.geography import COUNTY
from sharing_api.levels import deciding, judging, reading
from sharing_api.problems import documented, not_accepted
from sharing_api.release import Asker, Refusal, Release, Subject
from sharing_api.release.subjects import OPEN, level_subject, unasked
from sharing_api.routes.parameters import CODE, Code, RecordId
from sharing_api.services import Services
from sharing_api.store.tables import SignalRow
from sharing_api.store.upsert import in_session, table_of
from sharing_api.wording import Sentence

KIND = "level"
DECISION = "level-decision"
LONGEST = timedelta(days=92)

router = APIRouter(prefix="/v1/tension/levels", tags=["tension"])


class Setting(BaseModel):
    """A level for an area and a strand."""

    area: str = Field(pattern=CODE, description="Area code; `all` for the county.")
    area_level: Literal["ward", "district", "county"] = "district"
    strand: str = Field("all", pattern=CODE, description="A strand, or `all`.")
    level: int = Field(ge=1, le=6, description="1 imminent, 2 high, 3 raised, 4 moderate, 5, 6.")
    reason: Sentence = Field(description="Why, in a sentence without names.")
    review_by: date | None = Field(None, description="When a person looks again.")
    expires_on: date = Field(description="First day on which it is out of date; within 92 days.")


class Outcome(BaseModel):
    """What came of it."""

    outcome: Literal["nothing", "minor", "incident", "disorder", "serious-disorder"]
    reason: Sentence = Field(description="How it is known, without names.")


class Levels(BaseModel):
    """Levels that you may see."""

    items: list[dict[str, Any]]
    judged: dict[str, Any] | None = Field(None, description="Machine and persons compared.")
    ledger_reference: str = Field(description=answers.REFERENCE)
    policy_revision: str


@router.get(
    "",
    response_model=Levels,
    responses=documented(400, 401, 403, 422, 503),
    summary="The level that stands for each area and strand",
)
async def list_levels(
    services: Given, asker: Asking, stated: Stating, area: Code = None, strand: Code = None
) -> Response:
    """`expired` true: it is out of date and stands until a person sets another."""
    return await _listed(services, asker, stated, area, strand, history=False)


@router.get(
    "/history",
    response_model=Levels,
    responses=documented(400, 401, 403, 422, 503),
    summary="Every level that was set, with what the machine proposed and what came of it",
)
async def list_history(
    services: Given, asker: Asking, stated: Stating, area: Code = None, strand: Code = None
) -> Response:
    """With the rate at which machine and persons disagree, and how often each was right."""
    return await _listed(services, asker, stated, area, strand, history=True)


@router.post(
    "",
    status_code=201,
    response_model=answers.Released,
    responses=documented(400, 401, 403, 413, 422, 503),
    summary="Set the level of an area and strand",
)
async def set_level(setting: Setting, services: Given, asker: Asking, stated: Stating) -> Response:
    """It stands until a person sets another; it never changes by itself, and expires visibly."""
    now = services.parts.clock()
    _accepted(services, setting, now.date())
    by = deciding.pseudonym(services, asker)
    async with services.reading() as session:
        proposed = await in_session(session, _proposed, services, setting.area, setting.strand)
    record: TensionLevel = {
        "level_id": deciding.level_id(setting.area, setting.strand, now, by),
        "action": "set",
        "area": setting.area,
        "area_level": setting.area_level,
        "strand": setting.strand,
        "level": setting.level,
        "proposed_level": proposed,
        "reason": setting.reason,
        "review_by": setting.review_by.isoformat() if setting.review_by else None,
        "expires_at": datetime.combine(setting.expires_on, time(), UTC),
        "outcome": None,
        "decided_at": now,
        "by": by,
        "agency": asker.agency,
        "purpose": stated.purpose,
    }
    return await _decided(services, asker, stated, record)


@router.post(
    "/{level_id}/outcome",
    status_code=201,
    response_model=answers.Released,
    responses=documented(400, 401, 403, 404, 413, 422, 503),
    summary="Record what came of a level",
)
async def record_outcome(
    level_id: RecordId, outcome: Outcome, services: Given, asker: Asking, stated: Stating
) -> Response:
    """So that methods and persons can be judged against what happened. The latest one stands."""
    async with services.reading() as session:
        decode = services.reader.decode
        found = (await in_session(session, reading.by_id, decode, [level_id])).get(level_id)
    record: TensionLevel = {
        "level_id": level_id,
        "action": "outcome",
        "area": found["area"] if found else "unknown",
        "area_level": found["area_level"] if found else "county",
        "strand": found["strand"] if found else "unknown",
        "level": found["level"] if found else 6,
        "proposed_level": found["proposed_level"] if found else None,
        "reason": outcome.reason,
        "review_by": None,
        "expires_at": None,
        "outcome": outcome.outcome,
        "decided_at": services.parts.clock(),
        "by": deciding.pseudonym(services, asker),
        "agency": asker.agency,
        "purpose": stated.purpose,
    }
    return await _decided(services, asker, stated, record, known=found is not None)


async def _decided(
    services: Services, asker: Asker, stated: Stated, record: TensionLevel, *, known: bool = True
) -> Response:
    subject = _decision(record, known=known)
    terms = {**stated.terms(), "justification": record["reason"]}
    outcome = await services.gate.release(asker, stated.purpose, subject, **terms)
    if isinstance(outcome, Refusal):
        return answers.one(services, DECISION, outcome)
    await deciding.decide(services, asker, record)
    answer = answers.one(services, DECISION, outcome)
    answer.status_code = 201
    return answer


def _decision(record: TensionLevel, *, known: bool) -> Subject:
    """A decision before the gate; about a level that is not there it is refused as one withheld."""
    clear = {name: record[name] for name in ("level_id", "level", "outcome", "decided_at")}
    facts = {**OPEN, "exists": known, "originators": [record["agency"]], "consent": unasked()}
    return Subject(DECISION, record["level_id"], facts, {**clear, "decided_by": record["by"]})


def _accepted(services: Services, setting: Setting, today: date) -> None:
    """Raises Problem 422 naming field and rule."""
    faults = []
    if setting.strand not in {"all", *codes("strand")}:
        faults.append({"field": "body.strand", "rule": f"all, {', '.join(codes('strand'))}"})
    if not today < setting.expires_on <= today + LONGEST:
        faults.append({"field": "body.expires_on", "rule": "a day after today, within 92 days"})
    if setting.review_by is not None and not today <= setting.review_by <= setting.expires_on:
        faults.append({"field": "body.review_by", "rule": "from today to the day it expires"})
    geography = services.parts.geography
    if (setting.area == COUNTY) != (setting.area_level == "county"):
        faults.append({"field": "body.area", "rule": "`all` for the county, and only for it"})
    elif geography is not None and setting.area != COUNTY:
        area = geography.by_code.get(setting.area)
        if area is None or area.level != setting.area_level:
            faults.append({"field": "body.area", "rule": "a code of the hub's areas of that level"})
    if faults:
        raise not_accepted(faults)


def _proposed(connection: Connection, services: Services, area: str, strand: str) -> int | None:
    """What the machine proposes for area and strand now: the gravest of its signals."""
    table = table_of(SignalRow)
    rows = connection.execute(
        select(table.c.message).where(
            table.c.area == area, table.c.strand == strand, table.c.removed.is_(False)
        )
    )
    found = [services.reader.decode("tension-signal.v1", row.message) for row in rows]
    return min((signal["proposed_level"] for signal in found), default=None)


async def _listed(
    services: Services,
    asker: Asker,
    stated: Stated,
    area: str | None,
    strand: str | None,
    *,
    history: bool,
) -> Response:
    async with services.reading() as session:
        every = await in_session(session, reading.history, services.reader.decode)
    chosen = every if history else list(reading.standing(every).values())
    batch = await services.gate.release_all(
        asker,
        stated.purpose,
        [level_subject(level) for level in chosen],
        kind=KIND,
        wanted={
            name: partial(eq, value)
            for name, value in (("area", area), ("strand", strand))
            if value is not None
        },
        **stated.terms(),
    )
    if isinstance(batch, Refusal):
        raise answers.refused(services, KIND, batch)
    now = services.parts.clock()
    body = {
        "items": [_item(release, now) for release in batch.releases],
        "judged": judging.judged([r.fields for r in batch.releases]) if history else None,
        "ledger_reference": batch.ledger_reference,
        "policy_revision": batch.policy_revision,
    }
    headers = {**answers.decision_headers(batch), "Cache-Control": answers.NO_STORE}
    return JSONResponse(body, headers=headers)


def _item(release: Release, now: datetime) -> dict[str, Any]:
    """A released level; whether it is out of date is told where the date may be."""
    told = answers.item(release)
    try:
        told["expired"] = timestamp(told["fields"]["expires_at"]) <= now
    except (KeyError, TypeError, ValueError):
        return told
    return told
