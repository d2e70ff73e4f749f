"""Putting a person to linkage: counted for each asker, answered with mentions, then forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from schemas.identifiers import stable_id
from schemas.records import Lookup, Person
from sharing_api.auth.requests import Stated
from sharing_api.lookup.correspondence import LookupAway
from sharing_api.problems import Problem
from sharing_api.release import Asker
from sharing_api.services import Services
from sharing_api.store import lookups
from sharing_api.store.upsert import in_session

HOUR: Final = timedelta(hours=1)
_SHARE: Final = 0.8
"""Part of the fixed time that linkage may take to answer."""


async def admitted(services: Services, asker: Asker, stated: Stated, moment: datetime) -> str:
    """Count the question; its id. Raises Problem 429 beyond the limit, whomever it is about."""
    lookup_id = stable_id("lkp", uuid4().hex)
    row = {
        "lookup_id": lookup_id,
        "asked_at": moment,
        "asker": services.parts.pseudonyms.pseudonym("lookup", f"{asker.agency}|{asker.subject}"),
        "agency": asker.agency,
        "purpose": stated.purpose,
    }
    async with services.sessions.begin() as session:
        count = await in_session(session, lookups.ask, row, moment - HOUR)
    if count > services.settings.lookups_per_hour:
        raise Problem(
            429,
            "too-many-lookups",
            f"At most {services.settings.lookups_per_hour} lookups in an hour.",
            headers={"Retry-After": str(int(HOUR.total_seconds()))},
        )
    return lookup_id


async def mentions_of(
    services: Services, person: Person, lookup_id: str, moment: datetime
) -> list[str]:
    """Mentions that are certainly this person's. Raises LookupAway."""
    desk, means = services.lookups, services.parts.lookups
    if desk is None or means is None:
        raise LookupAway
    sealed = means.seal(person, lookup_id, moment)
    lookup: Lookup = {
        "lookup_id": lookup_id,
        "asked_at": moment,
        "encoding": sealed.encoding,
        "linkage_key_id": sealed.key_id,
        "linkage_wrapped_key": sealed.wrapped_key,
    }
    return await desk.ask(lookup, services.settings.lookup_seconds * _SHARE)
