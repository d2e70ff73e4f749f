"""Files that settings name: read before anything starts, and refused by the setting's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from concord.settings import SettingInvalid

T = TypeVar("T")


def text_of(variable: str, path: Path | None) -> str | None:
    """The file's text; None without a file. Raises SettingInvalid."""
    if path is None:
        return None
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SettingInvalid(f"{variable}: {error.strerror}; a file is expected") from None
    except UnicodeDecodeError:
        raise SettingInvalid(f"{variable}: text in UTF-8 is expected") from None


def json_of(variable: str, path: Path) -> Any:
    """What a JSON file holds. Raises SettingInvalid."""
    text = text_of(variable, path)
    assert text is not None
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingInvalid(f"{variable}: not JSON: {error}") from None


def judged(variable: str, judge: Callable[[], T], faults: type[Exception]) -> T:
    """What a judge makes of a file; `faults` of its become SettingInvalid by the variable."""
    try:
        return judge()
    except faults as error:
        raise SettingInvalid(f"{variable}: {error}") from None
