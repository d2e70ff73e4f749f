"""Every error answer of the API, as problem details (RFC 9457).

A problem says what is wrong and what would be accepted; it never repeats a value it was sent and
never tells what the hub holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, Field
from starlette.responses import Response

from sharing_api.wording import RULES

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5


class FieldFault(BaseModel):
    """One part of a request that is not accepted."""

    field: str = Field(description="Where: path, query, header or body, then the name.")
    rule: str = Field(description="What would be accepted.")
    line: int | None = Field(None, description="In a text: the line, from 1.")
    column: int | None = Field(None, description="In a text: the column, from 1.")
    found: str | None = Field(None, description="In the text of an agreement: what stands there.")
    expected: list[str] | None = Field(None, description="What could stand there.")
    suggestion: str | None = Field(None, description="What was perhaps meant.")


class ReasonText(BaseModel):
    """Why a release was refused."""

    code: str
    text: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldFault] | None = None
    reasons: list[ReasonText] | None = None
    why: str | None = Field(None, description="Where to ask what a clause would need of you.")
    ledger_reference: str | None = None
    policy_revision: str | None = None


TITLES: Final[Mapping[int, str]] = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "In conflict with what stands",
    413: "Too large",
    415: "Media type not supported",
    422: "Not accepted",
    429: "Too many requests",
    500: "Fault in the hub",
    503: "Not available",
}


class Problem(Exception):
    """An answer other than success. `code` is the last part of the problem's type."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def body(self) -> dict[str, Any]:
        """The problem as RFC 9457 writes it."""
        return {
            "type": f"urn:concord:problem:{self.code}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def response(self) -> Response:
        """The problem as an HTTP answer."""
        return Response(
            json.dumps(self.body(), separators=(",", ":")),
            self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def unavailable(part: str) -> Problem:
    """503: without this part the hub gives no data; it comes back by itself."""
    return Problem(
        503,
        "not-available",
        f"The hub gives no data while this part is missing: {part}.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def not_accepted(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """422: parts of the request are not accepted; each is named with what would be."""
    return Problem(
        422, "not-accepted", "Parts of the request are not accepted.", errors=list(errors)
    )


def faults_of(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's findings without the values that caused them."""
    return [
        {
            "field": ".".join(_plain(str(part)) for part in error["loc"]),
            "rule": _rule(error),
        }
        for error in errors
    ]


def _rule(error: Mapping[str, Any]) -> str:
    accepted = error.get("ctx", {})
    if error["type"] in {"literal_error", "enum"}:
        return f"one of {accepted.get('expected')}"
    if error["type"] == "string_pattern_mismatch" and accepted.get("pattern") in RULES:
        return RULES[accepted["pattern"]]
    return str(error["msg"])


def _plain(name: str) -> str:
    known = name.replace("-", "").replace("_", "")
    return name if known.isascii() and known.isalnum() and len(name) <= 60 else "(unnamed)"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for these error statuses."""
    return {
        status: {
            "description": TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }
