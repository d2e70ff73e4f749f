"""Rules for text: ids that must be there, codes of others that keep a form, and lengths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from schemas.validation.faults import Faults

REFERENCE: Final = 200
"""Characters in an id or reference at most."""
SHORT: Final = 300
"""Characters in a name, a street or another line of text at most."""
LONG: Final = 20_000
"""Characters in a narrative or another free text at most."""
ENTRIES: Final = 50
"""Entries in a list of texts at most."""

_AREA: Final = re.compile(r"\w[\w .,'\u2019&()/-]{0,63}")
_FOREIGN_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./()_-]{0,31}")


def check_reference(faults: Faults, path: str, text: str | None) -> None:
    """Fault unless the text is absent or an id: printable, not blank, at most `REFERENCE` long."""
    if text is not None and not is_reference(text):
        rule = f"1 to {REFERENCE} printable characters, not only spaces"
        faults.add("reference-form", path, rule)


def is_reference(text: str) -> bool:
    """Whether a text can serve as an id or reference."""
    return 0 < len(text) <= REFERENCE and text.isprintable() and not text.isspace()


def check_length(faults: Faults, path: str, text: str | None, limit: int = SHORT) -> None:
    """Fault if the text is longer than `limit` characters."""
    if text is not None and len(text) > limit:
        faults.add("too-long", path, f"at most {limit} characters")


def check_lengths(
    faults: Faults, path: str, texts: Sequence[str], *, limit: int = SHORT, entries: int = ENTRIES
) -> None:
    """Fault if there are more than `entries` texts, or for each that is too long."""
    if len(texts) > entries:
        faults.add("too-many", path, f"at most {entries} entries")
        return
    for index, text in enumerate(texts):
        check_length(faults, f"{path}[{index}]", text, limit)


def check_area(faults: Faults, path: str, text: str | None) -> None:
    """Fault unless the text is absent, blank or can be the code of a ward or district.

    Areas travel unsealed, so there is no room for an address in them.
    """
    trimmed = (text or "").strip()
    if trimmed and not _AREA.fullmatch(unicodedata.normalize("NFC", trimmed)):
        rule = "a code or name of an area: up to 64 letters, digits, spaces and . , ' & ( ) / -"
        faults.add("area-form", path, rule)


def check_foreign_code(faults: Faults, path: str, text: str | None) -> None:
    """Fault unless the text is absent or can be a code that another body defines.

    Such codes travel unsealed, so they must be short: words belong in source_code.
    """
    if text is not None and not _FOREIGN_CODE.fullmatch(text.strip()):
        rule = "up to 32 letters, digits, spaces and . / ( ) _ -; words belong in source_code"
        faults.add("code-form", path, rule)
