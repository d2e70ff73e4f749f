"""From the gate's decision to an HTTP answer: released fields, obligations, refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from policies.reasons import sentence
from schemas.shape import timestamp_text
from sharing_api.problems import Problem
from sharing_api.release import Batch, GateClosed, Refusal, Release
from sharing_api.services import Services

NO_STORE = "no-store"
REFERENCE = "Names the entry in the ledger; its number counts what this asker alone asked."


class Released(BaseModel):
    """One record, no more of it than an agreement releases to this asker for this purpose."""

    id: str = Field(description="The id that was asked for.")
    fields: dict[str, Any] = Field(description="Released fields; what is not here is withheld.")
    obligations: list[dict[str, Any]] = Field(description="What the receiver must keep to.")
    reasons: list[str] = Field(description="Codes of the reasons for the release.")
    agreement: str = Field(description="Agreement and version.")
    policy_revision: str = Field(description="Revision of the policy that decided.")
    ledger_reference: str = Field(description=REFERENCE)


class Item(BaseModel):
    """One record of a list."""

    fields: dict[str, Any] = Field(description="Released fields; what is not here is withheld.")
    obligations: list[dict[str, Any]] = Field(description="What the receiver must keep to.")
    agreement: str = Field(description="Agreement and version.")


class Page(BaseModel):
    """Some records of a list, in its order."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    ledger_reference: str = Field(description=REFERENCE)
    policy_revision: str = Field(description="Revision of the policy that decided.")


class ReceiptPage(Page):
    """An agency's receipts, oldest first."""

    resume: str | None = Field(description="Cursor to ask later with: what has come since.")


def jsonable(value: Any) -> Any:
    """Released values as JSON: moments as ISO 8601 in UTC, bytes as hexadecimal."""
    if isinstance(value, datetime):
        return timestamp_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value) if isinstance(value, set | frozenset) else value
        return [jsonable(item) for item in listed]
    return value


def item(release: Release) -> dict[str, Any]:
    """A record of a list."""
    return {
        "fields": jsonable(release.fields),
        "obligations": jsonable(release.obligations),
        "agreement": release.agreement,
    }


def one(
    services: Services, kind: str, outcome: Release | Refusal, status: int = 200, **members: Any
) -> Response:
    """The answer to a question about one record. Raises Problem 403 on a refusal.

    `members` stand beside what was released, and say nothing of a record.
    """
    if isinstance(outcome, Refusal):
        raise refused(services, kind, outcome)
    services.metrics.permitted(kind)
    body = item(outcome) | {
        "id": outcome.record_id,
        "reasons": list(outcome.reasons),
        "policy_revision": outcome.policy_revision,
        "ledger_reference": outcome.ledger_reference,
        **jsonable(members),
    }
    headers = decision_headers(outcome) | {"Concord-Agreement": _ascii(outcome.agreement)}
    return _answer(body, headers, [outcome], status)


def page(batch: Batch, releases: Iterable[Release], next_: str | None, **members: Any) -> Response:
    """A page of a list."""
    listed = list(releases)
    body = {
        "items": [item(release) for release in listed],
        "next": next_,
        "ledger_reference": batch.ledger_reference,
        "policy_revision": batch.policy_revision,
        **members,
    }
    return _answer(body, decision_headers(batch), listed)


def refused(services: Services, kind: str, refusal: Refusal) -> Problem:
    """403 with the reasons in code and words."""
    services.metrics.refused(kind, refusal.reasons)
    return Problem(
        403,
        "refused",
        "No agreement permits this release.",
        headers=decision_headers(refusal),
        reasons=[{"code": code, "text": sentence(code)} for code in refusal.reasons],
        why=f"/v1/why-refused?kind={kind}",
        ledger_reference=refusal.ledger_reference,
        policy_revision=refusal.policy_revision,
    )


def closed(services: Services, gate: GateClosed) -> None:
    """Count a closed gate; the answer is made by the app's handler."""
    services.metrics.gate_closed.labels(str(getattr(gate, "part", "unknown"))).inc()


def decision_headers(outcome: Release | Refusal | Batch) -> dict[str, str]:
    """Headers that tie an answer to the ledger and the policy."""
    return {
        "Concord-Ledger-Reference": _ascii(outcome.ledger_reference),
        "Concord-Policy-Revision": _ascii(outcome.policy_revision),
    }


def obligation_codes(releases: Iterable[Release]) -> list[str]:
    """Distinct codes of the obligations, in the order in which they first occur.

    Codes alone, since headers get into the logs of proxies: what an obligation says is in the body.
    """
    found = (
        _ascii(str(obligation["code"]))
        for release in releases
        for obligation in release.obligations
    )
    return list(dict.fromkeys(found))


def _answer(
    body: Any, headers: Mapping[str, str], releases: Iterable[Release], status: int = 200
) -> Response:
    answer = JSONResponse(body, status, headers={**headers, "Cache-Control": NO_STORE})
    for code in obligation_codes(releases):
        answer.headers.append("Concord-Obligation", code)
    return answer


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
