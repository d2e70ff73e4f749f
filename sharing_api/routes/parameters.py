"""Parameters that several routes share, with the values that they accept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from sharing_api.paging import CURSOR_PATTERN

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
RECORD_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"
MONTH = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"

Limit = Annotated[int, Query(ge=1, le=200, description="Most records on the page.")]
Cursor = Annotated[
    str | None,
    Query(pattern=CURSOR_PATTERN, description="`next` of the page before."),
]
Code = Annotated[str | None, Query(pattern=CODE)]
Month = Annotated[str | None, Query(pattern=MONTH, description="Month, YYYY-MM.")]
RecordId = Annotated[str, Path(pattern=RECORD_ID, description="Id of the record.")]
