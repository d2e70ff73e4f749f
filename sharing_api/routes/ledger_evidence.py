"""Proofs of the ledger: signed checkpoints, that it only grows, that an entry stands in it.

Whoever may see an entry as a whole may have its proof; hashes of entries that one may not see could
be tried out on guesses. Checkpoints say no more than how many entries there are.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from schemas.keyring import KeyMissing
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.evidence import lodging, merkle, pack
from sharing_api.evidence.checkpoint import Checkpoint, sign, verifier_key
from sharing_api.problems import Problem, documented, not_accepted, unavailable
from sharing_api.release import Asker, Batch, GateClosed, Missing, Refusal, Release
from sharing_api.release.subjects import ledger_subject
from sharing_api.release.treatments import plain
from sharing_api.routes.parameters import Entry
from sharing_api.services import PublisherAway, Services
from sharing_api.store.decision_inputs import inputs_of
from sharing_api.store.ledger import LedgerEntry, LedgerRow, LedgerUnavailable

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

_FAULTS = documented(400, 401, 403, 404, 409, 422, 503)
_COPIED = 500
Size = Annotated[
    int | None,
    Query(ge=1, le=2**53, description="Prove it in the ledger of this size; now, if left out."),
]


class Checkpointed(BaseModel):
    """The ledger at a moment, signed."""

    size: int = Field(description="How many entries there are.")
    root: str = Field(description="Hash of all of them (RFC 6962), base64.")
    checkpoint: str = Field(description="The same as a signed note (C2SP tlog-checkpoint).")
    key: str = Field(description="The ledger's public key, as verifiers of signed notes take it.")


class Lodging(BaseModel):
    """With whom a checkpoint is to be lodged."""

    agency: str = Field(
        pattern=r"^[a-z][a-z0-9-]{1,31}$", description="An agency; it reads its notice topic."
    )


class Inclusion(BaseModel):
    """That an entry stands in the ledger."""

    sequence: int
    size: int
    leaf: str = Field(description="Hash of the entry, base64.")
    proof: list[str] = Field(description="Hashes from the leaf to the root, base64.")
    checkpoint: str = Field(description="Signed note over this size.")


class Consistency(BaseModel):
    """That the ledger at `new` continues the one at `old`; a file for `concord-verify`."""

    format: str
    key: str
    old: str
    new: str
    proof: list[str]


class Evidence(BaseModel):
    """An evidence pack; a file for `concord-verify`."""

    format: str
    key: str
    checkpoint: str
    entry: str = Field(description="The entry as the bytes that its hashes cover.")
    inclusion: list[str]
    inputs: str | None = Field(description="What the policy was asked, by digests.")
    parts: dict[str, str] = Field(description="Question, facts and agreements by their digests.")


class Copied(BaseModel):
    """Some entries, as the bytes that their hashes cover."""

    entries: list[str]


@router.get(
    "/checkpoint", response_model=Checkpointed, responses=_FAULTS,
    summary="The ledger's size and root, signed: to be lodged with somebody else",
)  # fmt: skip
async def checkpoint_now(services: Given, asker: Asking, stated: Stating) -> Response:
    """It covers the entry that this request made."""
    batch = await _covered(services, asker, stated)
    found = await signed(services, await services.ledger.size())
    return _answer(JSONResponse(_told(services, found)), batch)


@router.post(
    "/checkpoint/lodgements", status_code=201, response_model=Checkpointed,
    responses=documented(400, 401, 403, 413, 422, 503),
    summary="Lodge a checkpoint on another agency's notice topic",
)  # fmt: skip
async def lodge(body: Lodging, services: Given, asker: Asking, stated: Stating) -> Response:
    """The agency keeps it and can hold the hub to it; with whom it lies is in the ledger."""
    batch = await _covered(services, asker, stated)
    publisher = services.parts.publisher
    if publisher is None:
        raise unavailable("broker")
    if await services.agency_status(body.agency) is None:
        raise not_accepted([{"field": "body.agency", "rule": "an agency that the hub knows"}])
    now = services.parts.clock()
    try:
        await services.ledger.append(_lodgement(asker, stated, body.agency, now))
        found = await signed(services, await services.ledger.size())
        await publisher.publish(
            [lodging.message(body.agency, found, now, services.parts.schema_ids)]
        )
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
    except PublisherAway:
        raise unavailable("broker") from None
    return _answer(JSONResponse(_told(services, found), 201), batch)


@router.get(
    "/proofs/consistency", response_model=Consistency, responses=_FAULTS,
    summary="Proof that the ledger of one size continues that of a smaller one",
)  # fmt: skip
async def consistency(
    services: Given,
    asker: Asking,
    stated: Stating,
    old: Annotated[int, Query(ge=1, le=2**53, description="Size of the earlier ledger.")],
    new: Size = None,
) -> Response:
    """Both checkpoints are signed anew; compare the earlier one with the one that you lodged."""
    batch = await _covered(services, asker, stated)
    size = new or await services.ledger.size()
    earlier, later = await signed(services, old), await signed(services, size)
    try:
        proof = await services.ledger.consistency(old, size)
    except ValueError:
        raise _no_such_size("query.old", f"at most {size}") from None
    body = pack.consistency(key_text(services), earlier, later, proof)
    return _answer(Response(body, media_type="application/json"), batch)


@router.get(
    "/proofs/{entry}", response_model=Inclusion, responses=_FAULTS,
    summary="Proof that an entry stands in the ledger",
)  # fmt: skip
async def inclusion(
    services: Given, asker: Asking, stated: Stating, entry: Entry, size: Size = None
) -> Response:
    """For those who may see all of the entry."""
    row, release = await _whole(services, asker, stated, entry)
    sequence = row.sequence
    found = await signed(services, size or await services.ledger.size())
    proof = await _inclusion(services, sequence, found.size)
    ((_, text),) = await services.ledger.texts(after=sequence - 1, limit=1)
    body = {
        "sequence": sequence,
        "size": found.size,
        "leaf": base64.b64encode(merkle.leaf_hash(text)).decode("ascii"),
        "proof": [base64.b64encode(each).decode("ascii") for each in proof],
        "checkpoint": found.note,
    }
    return _answer(JSONResponse(body), release)


@router.get(
    "/entries/{entry}/evidence", response_model=Evidence, responses=_FAULTS,
    summary="Evidence pack about an entry, to be checked offline",
)  # fmt: skip
async def evidence(
    services: Given, asker: Asking, stated: Stating, entry: Entry, size: Size = None
) -> Response:
    """The entry, what the policy was asked, the agreements' texts, proof, checkpoint and key."""
    row, release = await _whole(services, asker, stated, entry)
    sequence = row.sequence
    found = await signed(services, size or await services.ledger.size())
    proof = await _inclusion(services, sequence, found.size)
    ((_, text),) = await services.ledger.texts(after=sequence - 1, limit=1)
    async with services.reading() as session:
        inputs = await inputs_of(session, sequence)
    body = pack.pack(key_text(services), found, text, proof, inputs)
    return _answer(Response(body, media_type="application/json"), release)


@router.get(
    "/copy", response_model=Copied, responses=_FAULTS,
    summary="Entries as the bytes that their hashes cover, for a copy of the ledger",
)  # fmt: skip
async def copied(
    services: Given,
    asker: Asking,
    stated: Stating,
    after: Annotated[int, Query(ge=0, le=2**53, description="Entries after this one.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_COPIED, description="How many at most.")] = _COPIED,
) -> Response:
    """For those who may see all of every entry; one that is refused ends it with 403."""
    rows = await services.ledger.read(after=after, limit=limit)
    batch = await services.gate.release_all(
        asker, stated.purpose, [ledger_subject(row) for row in rows], kind="ledger",
        **stated.terms(),
    )  # fmt: skip
    if isinstance(batch, Refusal):
        raise answers.refused(services, "ledger", batch)
    shown = len(batch.releases) == len(rows)
    if not shown or not all(map(_shown_whole, batch.releases, rows)):
        raise _not_whole()
    texts = await services.ledger.texts(after=after, limit=len(rows)) if rows else []
    body = {"entries": [text.decode("utf-8") for _, text in texts]}
    return _answer(JSONResponse(body), batch)


def _told(services: Services, found: Checkpoint) -> dict[str, Any]:
    return {
        "size": found.size,
        "root": base64.b64encode(found.root).decode("ascii"),
        "checkpoint": found.note,
        "key": key_text(services),
    }


def _lodgement(asker: Asker, stated: Stated, agency: str, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        operation="consultation",
        actor=asker.subject,
        agency=asker.agency,
        purpose=stated.purpose,
        justification=stated.justification,
        reasons=("checkpoint-lodged",),
        detail={"with": agency},
        at=now,
    )


def key_text(services: Services) -> str:
    """The ledger's public key as verifiers take it. Raises Problem 503 without the key."""
    return verifier_key(_key(services).public_key())


async def signed(services: Services, size: int) -> Checkpoint:
    """Sign the ledger of a size. Raises Problem 503, 409 where it is not that large."""
    key = _key(services)
    try:
        return sign(size, await services.ledger.root(size), key)
    except ValueError:
        largest = await services.ledger.size()
        raise _no_such_size("query.size", f"at most {largest}") from None


def _key(services: Services) -> Any:
    try:
        return services.parts.signer()
    except KeyMissing:
        raise unavailable("signing key") from None


async def _covered(services: Services, asker: Asker, stated: Stated) -> Batch:
    """Ask the gate whether this asker may have the ledger at all. Raises Problem 403."""
    batch = await services.gate.release_all(
        asker, stated.purpose, (), kind="ledger", **stated.terms()
    )
    if isinstance(batch, Refusal):
        raise answers.refused(services, "ledger", batch)
    return batch


async def _whole(
    services: Services, asker: Asker, stated: Stated, named: str
) -> tuple[LedgerRow, Release]:
    """An entry, by number or reference, that the asker may see as a whole. Raises Problem 403."""
    row = await _row(services, named)
    subject = ledger_subject(row, named) if row else Missing("ledger", named)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    if isinstance(outcome, Refusal) or row is None:
        assert isinstance(outcome, Refusal)
        raise answers.refused(services, "ledger", outcome)
    if not _shown_whole(outcome, row):
        raise _not_whole()
    return row, outcome


async def _row(services: Services, named: str) -> LedgerRow | None:
    try:
        sequence = await services.ledger.place(named)
        if sequence is None:
            return None
        rows = await services.ledger.read(after=sequence - 1, limit=1)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
    return rows[0] if rows and rows[0].sequence == sequence else None


def _shown_whole(release: Release, row: LedgerRow) -> bool:
    """Tell whether all is shown that the hashes cover; the reference follows from the rest."""
    missing = object()
    return all(
        release.fields.get(name, missing) == plain(value)
        for name, value in row.columns().items()
        if name != "reference"
    )


def _not_whole() -> Problem:
    return Problem(
        403, "not-whole", "An entry is proved only to those who may see all of it, as it stands."
    )


async def _inclusion(services: Services, sequence: int, size: int) -> list[bytes]:
    try:
        return await services.ledger.inclusion(sequence, size)
    except ValueError:
        rule = f"at least the number of the entry, {sequence}"
        raise _no_such_size("query.size", rule) from None


def _no_such_size(field: str, rule: str) -> Problem:
    """409: a size may be right for a ledger, and is not for this one as it now stands."""
    detail = "The ledger has no such proof at this size."
    return Problem(409, "size-does-not-fit", detail, errors=[{"field": field, "rule": rule}])


def _answer(answer: Response, outcome: Release | Batch) -> Response:
    for name, value in answers.decision_headers(outcome).items():
        answer.headers[name] = value
    answer.headers["Cache-Control"] = answers.NO_STORE
    return answer
