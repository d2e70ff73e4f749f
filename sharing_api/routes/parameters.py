"""Parameters that several routes share, with the values that they accept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from schemas.identifiers import LEDGER_ENTRY
from sharing_api.paging import CURSOR_PATTERN

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
RECORD_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
ENTRY = f"^({LEDGER_ENTRY})$"
MONTH = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"

Limit = Annotated[int, Query(ge=1, le=200, description="Most records on the page.")]
Cursor = Annotated[
    str | None,
    Query(pattern=CURSOR_PATTERN, description="`next` of the page before."),
]
Code = Annotated[str | None, Query(pattern=CODE)]
Month = Annotated[str | None, Query(pattern=MONTH, description="Month, YYYY-MM.")]
RecordId = Annotated[str, Path(pattern=RECORD_ID, description="Id of the record.")]
Entry = Annotated[
    str,
    Path(pattern=ENTRY, description="An entry of the ledger: its reference, or its number there."),
]


class Identifiers(BaseModel):
    """Whom a search is about, in the shape of a person of an event."""

    model_config = ConfigDict(extra="forbid")

    person: dict[str, Any] = Field(
        description="Identifiers as in an event's person: a name, and one of date of birth, "
        "phones, emails, identifiers, address. Used once and forgotten.",
        examples=[{"full_name": "Ada Example", "date_of_birth": "1984-03-12"}],
    )
