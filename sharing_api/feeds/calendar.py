"""The calendar of a feed: days on which people look again, levels expire, windows are watched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from icalendar import Calendar, Event

from sharing_api.feeds.formats import title
from sharing_api.feeds.reading import Entry
from sharing_api.geography import Geography
from sharing_api.trigger_windows import TriggerWindow

_WINDOWS: Final = "trigger_windows"
_DAYS: Final[Mapping[str, str]] = {"review_by": "Look again", "expires_at": "Level expires"}
_DAY: Final = timedelta(days=1)


def as_calendar(
    entries: Sequence[Entry],
    geography: Geography | None,
    windows: Iterable[TriggerWindow],
    now: datetime,
) -> bytes:
    """The whole calendar (RFC 5545).

    Trigger windows stand in it if the asker is shown in which of them signals fell.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Concord//Community tension//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for event in _events(entries, geography, now):
        calendar.add_component(event)
    if any(_WINDOWS in entry.fields for entry in entries):
        for window in windows:
            calendar.add_component(_watched(window, now))
    written: bytes = calendar.to_ical()
    return written


def _events(
    entries: Iterable[Entry], geography: Geography | None, now: datetime
) -> Iterator[Event]:
    for entry in entries:
        for name, words in _DAYS.items():
            day = _day(entry.fields.get(name))
            if day is not None or (entry.removed and entry.kind == "level"):
                yield _event(entry, name, words, day, geography, now)


def _event(
    entry: Entry,
    name: str,
    words: str,
    day: date | None,
    geography: Geography | None,
    now: datetime,
) -> Event:
    """An all-day event; one that is gone is cancelled under the same id (RFC 5546)."""
    shown = day or date(1970, 1, 1)
    event = _all_day(f"{entry.id}-{name}@concord", shown, shown, now)
    event.add("sequence", entry.number)
    event.add("status", "CANCELLED" if entry.removed else "CONFIRMED")
    event.add("summary", f"{words}: {title(entry, geography)}")
    reason = entry.fields.get("reason")
    if isinstance(reason, str):
        event.add("description", reason)
    return event


def _watched(window: TriggerWindow, now: datetime) -> Event:
    named = hashlib.sha256(f"{window.first}{window.name}".encode()).hexdigest()[:16]
    event = _all_day(f"window-{named}@concord", window.first, window.last, now)
    event.add("status", "CONFIRMED")
    event.add("summary", f"Trigger event: {window.name}")
    if window.strands:
        event.add("description", f"Watched more closely: {', '.join(window.strands)}")
    return event


def _all_day(uid: str, first: date, last: date, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("dtstart", first)
    event.add("dtend", last + _DAY)
    return event


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
