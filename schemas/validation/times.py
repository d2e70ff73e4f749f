"""Rules for moments: possible years, not in the future, in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from schemas.records import Consent, Occurred
from schemas.validation import codes
from schemas.validation.faults import Faults

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""No moment of an event is earlier."""
SLACK: Final = timedelta(days=1)
"""Clocks and time zones may be wrong by this much."""

_FINE: Final = frozenset({"exact", "hour", "day"})


def check_past(faults: Faults, path: str, moment: datetime | None, now: datetime) -> None:
    """Fault if the moment is before 1900 or more than a day ahead of `now`."""
    if moment is None:
        return
    if moment < EARLIEST:
        faults.add("too-early", path, "not before 1900-01-01")
    elif moment - now > SLACK:
        faults.add("in-future", path, "at most one day after the hub receives it")


def check_not_ancient(faults: Faults, path: str, moment: datetime | None) -> None:
    """Fault if the moment is before 1900; it may lie in the future."""
    if moment is not None and moment < EARLIEST:
        faults.add("too-early", path, "not before 1900-01-01")


def check_period(
    faults: Faults, path: str, period: Occurred, recorded_at: datetime, now: datetime
) -> None:
    """Faults of the time when something happened.

    It may not start in the future, nor end before it starts. Where the time is known to the day
    or better it may also not start or end after it was recorded (a day's slack); a period that is
    known to the week, month or year may well end later.
    """
    start, end = period["from"], period["to"]
    codes.check_code(faults, f"{path}.precision", "precision", period["precision"])
    check_past(faults, f"{path}.from", start, now)
    if end is not None and end < start:
        faults.add("ends-before-start", f"{path}.to", f"not before {path}.from")
    if period["precision"] not in _FINE:
        return
    for name, moment in (("from", start), ("to", end)):
        if moment is not None and moment - recorded_at > SLACK:
            rule = "at most one day after recorded_at"
            faults.add("after-recorded", f"{path}.{name}", rule)


def check_consent(faults: Faults, consent: Consent, now: datetime) -> None:
    """Faults of the victim's consent: codes, times, and a state that the times contradict."""
    codes.check_code(faults, "consent.state", "consent_state", consent["state"])
    codes.check_codes(faults, "consent.scope", "consent_scope", consent["scope"])
    asked, withdrawn = consent["asked_at"], consent["withdrawn_at"]
    check_past(faults, "consent.asked_at", asked, now)
    check_past(faults, "consent.withdrawn_at", withdrawn, now)
    if consent["state"] == "withdrawn" and withdrawn is None:
        rule = "required where consent.state is withdrawn"
        faults.add("consent-inconsistent", "consent.withdrawn_at", rule)
    if consent["state"] == "given" and withdrawn is not None:
        rule = "absent where consent.state is given; if it was withdrawn, state is withdrawn"
        faults.add("consent-inconsistent", "consent.withdrawn_at", rule)
    if asked is not None and withdrawn is not None and withdrawn < asked:
        rule = "not before consent.asked_at"
        faults.add("consent-inconsistent", "consent.withdrawn_at", rule)
    if consent["scope"] and consent["state"] in {"not_asked", "not_safe_to_ask"}:
        rule = "empty where the victim was not asked"
        faults.add("consent-inconsistent", "consent.scope", rule)


def check_date(faults: Faults, path: str, text: str | None) -> None:
    """Fault unless the text is absent or an ISO calendar date."""
    if text is None:
        return
    try:
        known = date.fromisoformat(text) if len(text) == len("2026-03-01") else None
    except ValueError:
        known = None
    if known is None:
        faults.add("date-form", path, "an ISO date such as 2026-03-01")
