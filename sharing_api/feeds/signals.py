"""The live feed of tension: each change once, in order, after the release gate.

The event id is the change's number in this feed. A subscriber that comes back with the last id it
saw gets what it missed, whichever node or restart lies between; a record that changed several times
meanwhile comes once, as it stands.
"""

from __future__ import annotations

import json
from typing import Any

from sse_starlette import ServerSentEvent

from sharing_api.feeds.reading import Entry


def event(entry: Entry) -> ServerSentEvent:
    """An entry as a server-sent event."""
    name = "removed" if entry.removed else entry.kind
    text = json.dumps(told(entry), separators=(",", ":"))
    return ServerSentEvent(data=text, event=name, id=str(entry.number))


def told(entry: Entry) -> dict[str, Any]:
    """An entry as JSON, the same in every format that is made of it."""
    return {
        "sequence": entry.number,
        "kind": entry.kind,
        "removed": entry.removed,
        "fields": dict(entry.fields),
        "obligations": list(entry.obligations),
        "agreement": entry.agreement,
    }
