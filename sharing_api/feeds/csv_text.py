"""CSV that spreadsheets read rightly and cannot be made to run: RFC 4180, with a byte order mark.

A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection).
Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as another encoding."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows under a header; what a row does not have is empty, lists are joined by `; `."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return _harmless("; ".join(str(_cell(each)) for each in value))
    if isinstance(value, Mapping):
        return _harmless("; ".join(f"{key}: {_cell(each)}" for key, each in value.items()))
    return _harmless(str(value))


def _harmless(text: str) -> str:
    """A leading space does not keep a spreadsheet from seeing a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
