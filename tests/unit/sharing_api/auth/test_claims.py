"""From claims to askers."""

from __future__ import annotations

from typing import Any

import pytest

from sharing_api.auth.claims import asker_of
from sharing_api.auth.tokens import InvalidToken
from sharing_api.settings import ApiSettings

CLAIMS: dict[str, Any] = {
    "sub": "a.person",
    "agency": "wyp",
    "agency_type": "police",
    "role": "cmarac-coordinator",
    "vetting": "sc",
    "case_membership": ["alt_1", "alt_2"],
}
SETTINGS = ApiSettings(development_issuer=True)


def test_an_asker_is_read_from_its_claims() -> None:
    """All of them."""
    asker = asker_of(CLAIMS, SETTINGS)
    assert (asker.subject, asker.agency, asker.role, asker.vetting) == (
        "a.person",
        "wyp",
        "cmarac-coordinator",
        "sc",
    )
    assert asker.case_membership == ("alt_1", "alt_2")


def test_claims_may_have_other_names() -> None:
    """As the operator's identity provider calls them."""
    settings = ApiSettings(development_issuer=True, claim_agency="org")
    assert asker_of({**CLAIMS, "org": "nhs-one"}, settings).agency == "nhs-one"


def test_absent_vetting_is_none_and_cases_may_be_one_text() -> None:
    """Two habits of identity providers."""
    asker = asker_of({**CLAIMS, "vetting": "none", "case_membership": "a b"}, SETTINGS)
    assert (asker.vetting, asker.case_membership) == ("none", ("a", "b"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"agency": "Not An Id"},
        {"agency": None},
        {"role": ""},
        {"role": ["a"]},
        {"sub": "x\ny"},
        {"case_membership": 7},
        {"case_membership": [7]},
    ],
)
def test_what_cannot_be_read_is_no_asker(wrong: dict[str, Any]) -> None:
    """Refused, not guessed."""
    with pytest.raises(InvalidToken):
        asker_of({**CLAIMS, **wrong}, SETTINGS)
