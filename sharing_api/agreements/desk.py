"""Where officers act on agreements: draft, test, approve, withdraw.

The gate has permitted the act before it comes here. What is left is whether the agreement is in a
state for it; that is judged again inside the transaction that writes the event and its entry in the
ledger, so of two officers who act at once the second is told. Nothing is decided about releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from policies.agreements import Agreement
from sharing_api.agreements import records, wording
from sharing_api.agreements.states import (
    POSSIBLE,
    SEEDED,
    Event,
    State,
    Step,
    Version,
    states,
)
from sharing_api.problems import Problem
from sharing_api.release import Asker
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_writing import append_rows
from sharing_api.store.upsert import in_session

RESERVED: Final = frozenset({"drafts", "reminders"})
"""Ids that no agreement may have: they are addresses of the API."""
FOLLOWED: Final = timedelta(seconds=2)
"""Within this every other node of the API follows."""
POLLED: Final = timedelta(seconds=2)
"""Within this an OPA that is set up as `deploy/opa/config.yaml` asks for its bundle again."""
OPEN: Final[frozenset[State]] = frozenset({"draft", "tested"})
DONE: Final[Mapping[Step, str]] = {"approve": "approved", "withdraw": "withdrawn"}


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something, for a purpose and a reason."""

    asker: Asker
    purpose: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """An agreement as the store has it: versions, events, and the state of each today."""

    versions: Sequence[Version]
    events: Sequence[Event]
    states: Mapping[str, State]

    def numbered(self, number: int) -> Version | None:
        """The text that stands for a version: the one that was in use, else the last draft."""
        fitting = [one for one in self.versions if one.number == number]
        used = [one for one in fitting if one.digest in self.used()]
        current = [one for one in fitting if self.states[one.digest] in OPEN]
        return max(used or current or fitting, key=self._weight, default=None)

    def _weight(self, version: Version) -> tuple[bool, int]:
        """A file of the folder may have had several texts under one number; the last one counts."""
        touched = [e.sequence for e in self.events if e.digest == version.digest]
        return self.states[version.digest] != "withdrawn", max(touched, default=0)

    def used(self) -> set[str]:
        """Digests of texts that were ever approved, or stood in the folder."""
        return {event.digest for event in self.events if event.kind in {"approved", SEEDED}}


async def known(services: Services, agreement_id: str) -> Known:
    """Look an agreement up; without versions where there is none."""
    async with services.reading() as session:
        versions = await records.versions(session, agreement_id)
        events = await records.history(session, agreement_id)
    return Known(versions, events, states(versions, events, services.parts.clock().date()))


async def draft(services: Services, act: Act, agreement: Agreement) -> tuple[Version, Event | None]:
    """Keep a text as a draft; the same text again is the same draft, with no new event.

    An earlier draft under the same number is replaced. Raises Problem 409, 422.
    """
    version = _written(act, agreement)
    _acceptable(version, act)

    def write(connection: Connection) -> Event | None:
        records.lock(connection)
        before = _known(connection, version.agreement_id, act.at)
        state = before.states.get(version.digest)
        if state in OPEN:
            return None
        if state is not None:
            raise Problem(409, "state", f"This very text is known, and {state}.")
        _next_number(before, version)
        records.add_version(connection, version)
        for one in before.versions:
            if one.number == version.number and before.states[one.digest] in OPEN:
                records.add_event(connection, one, "replaced", act.at)
        return _noted(connection, act, version, "drafted", {})

    async with services.sessions.begin() as session:
        return version, await in_session(session, write)


async def step(
    services: Services,
    act: Act,
    version: Version,
    taken: Step,
    *,
    kind: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Take a step with a version. Raises Problem 403 for an author's approval, 409."""
    if taken == "approve" and act.asker.subject == version.author:
        raise own_work()

    def write(connection: Connection) -> Event:
        records.lock(connection)
        before = _known(connection, version.agreement_id, act.at)
        state = before.states[version.digest]
        if state not in POSSIBLE[taken]:
            raise _impossible(taken, state)
        if taken == "approve":
            _not_over(version, act)
        return _noted(connection, act, version, kind or DONE[taken], dict(detail or {}))

    try:
        async with services.sessions.begin() as session:
            return await in_session(session, write)
    except DBAPIError as error:
        if "four eyes" in str(error.orig):
            raise own_work() from None
        raise


def effect(services: Services, revision: str, at: datetime) -> dict[str, Any]:
    """Say from which policy revision an act is in force here, and by when everywhere."""
    everywhere = at + FOLLOWED + POLLED
    return {
        "policy_revision": revision,
        "in_force_here": services.parts.clock(),
        "in_force_everywhere_by": everywhere,
    }


def own_work() -> Problem:
    """403: an author does not approve; they know that they are the author."""
    return Problem(
        403,
        "four-eyes",
        "You wrote this version; somebody else has to approve it.",
        reasons=[{"code": "four-eyes", "text": "Nobody decides about their own work."}],
    )


def _known(connection: Connection, agreement_id: str, at: datetime) -> Known:
    every, happened = records.everything(connection)
    versions = [one for one in every if one.agreement_id == agreement_id]
    events = [one for one in happened if one.agreement_id == agreement_id]
    return Known(versions, events, states(versions, events, at.date()))


def _written(act: Act, agreement: Agreement) -> Version:
    content = wording.write(agreement)
    return Version(
        digest=wording.digest(content),
        agreement_id=agreement["id"],
        number=agreement["version"],
        content=content,
        origin="officer",
        author=act.asker.subject,
        author_agency=act.asker.agency,
        written_at=act.at,
        agreement=agreement,
    )


def _acceptable(version: Version, act: Act) -> None:
    if version.agreement_id in RESERVED:
        raise unaccepted("id", f"any other than {', '.join(sorted(RESERVED))}")
    _not_over(version, act)


def _not_over(version: Version, act: Act) -> None:
    if version.day("ends") < act.at.date():
        raise unaccepted("ends", "a day that is not past")


def _next_number(before: Known, version: Version) -> None:
    """A number that was ever approved, or that the folder held, is taken; the next is wanted."""
    used = before.used()
    taken = [one.number for one in before.versions if one.digest in used]
    wanted = max(taken, default=0) + 1
    if version.number != wanted:
        raise unaccepted("version", f"{wanted}, the number after the last one that was used")


def unaccepted(name: str, rule: str) -> Problem:
    """422 for what an agreement says of itself."""
    errors = [{"field": f"text.{name}", "rule": rule}]
    return Problem(422, "not-accepted", "The agreement is not accepted as it is.", errors=errors)


def _impossible(taken: Step, state: State) -> Problem:
    possible = ", ".join(sorted(POSSIBLE[taken]))
    return Problem(
        409,
        "state",
        f"This version is {state}; {taken} is possible where it is: {possible}.",
    )


def _noted(
    connection: Connection, act: Act, version: Version, kind: str, detail: dict[str, Any]
) -> Event:
    entry = LedgerEntry(
        operation="alteration",
        actor=act.asker.subject,
        agency=act.asker.agency,
        purpose=act.purpose,
        justification=act.reason,
        record_ids=(f"{version.agreement_id}@{version.number}",),
        detail={"agreement": kind, "digest": version.digest},
        at=act.at,
    )
    (entered,) = append_rows(connection, [entry])
    return records.add_event(
        connection,
        version,
        kind,
        act.at,
        actor=act.asker.subject,
        agency=act.asker.agency,
        reason=act.reason,
        detail={**detail, "ledger_reference": entered.reference},
    )
