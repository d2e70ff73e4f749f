"""From claims to the asker that policies know; claim names are the operator's choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.topics import AGENCY_ID
from sharing_api.auth.tokens import InvalidToken
from sharing_api.release import Asker
from sharing_api.settings import ApiSettings


def asker_of(claims: Mapping[str, Any], settings: ApiSettings) -> Asker:
    """Read the asker. Raises InvalidToken if agency or role is missing or not a text.

    An unknown vetting counts as none; cases may be a list or one text with blanks between.
    """
    agency = _text(claims, settings.claim_agency)
    if not AGENCY_ID.fullmatch(agency):
        raise InvalidToken(f"claim {settings.claim_agency}")
    return Asker(
        subject=_text(claims, "sub"),
        agency=agency,
        agency_type=_text(claims, settings.claim_agency_type),
        role=_text(claims, settings.claim_role),
        vetting=_text(claims, settings.claim_vetting, "none"),
        case_membership=_list(claims.get(settings.claim_case_membership, ())),
    )


def _text(claims: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = claims.get(name, default)
    if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
        raise InvalidToken(f"claim {name}")
    return value


def _list(value: Any) -> tuple[str, ...]:
    listed = value.split() if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(case, str) for case in listed):
        raise InvalidToken("claim of cases")
    return tuple(listed)
