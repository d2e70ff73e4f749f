"""What a value looks like without saying what it is: for fault reports about personal data."""

from __future__ import annotations

import re
from typing import Any

_KINDS = (
    (re.compile(r"[^\W\d_]+"), "letters"),
    (re.compile(r"\d+"), "digits"),
    (re.compile(r"\s+"), "spaces"),
)


def shape_of(value: Any) -> str:
    """Describe a value: "text of 12 letters", "8 digits", "a list of 3"; never any part of it."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    return _text(value) if isinstance(value, str) else "a date and time"


def _text(text: str) -> str:
    if not text.strip():
        return f"{len(text)} spaces"
    if text.isdigit():
        return f"{len(text)} digits"
    if re.fullmatch(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}", text):
        return f"digits parted as a date is, {len(text)} characters"
    found = [name for pattern, name in _KINDS if pattern.search(text)]
    if re.search(r"[^\w\s]|_", text):
        found.append("signs")
    if found == ["letters"]:
        return f"text of {len(text)} letters"
    return f"text of {len(text)} characters ({', '.join(found)})"
