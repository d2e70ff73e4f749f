"""What differs between two versions of an incident: names of fields, never values.

Sealed fields are opened in memory to be compared, by the release key and under an entry of the
ledger that says so (see course); nothing that was opened leaves this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from policies.fields import FIELDS
from schemas.sealing import Opener, SealError
from sharing_api.recall import rules
from sharing_api.release.subjects import incident_subject
from sharing_api.release.treatments import plain

Row = Mapping[str, Any]

_KIND: Final = "incident"
_EVERYTHING: Final = frozenset(FIELDS[_KIND])
_CLEAR: Final = frozenset(name for name, each in FIELDS[_KIND].items() if each.source == "clear")
_VERSIONING: Final = frozenset({"version", "recorded_at"})
"""Every version has its own; that they moved is not that they were wrong."""


def changed_fields(before: Row, after: Row, opener: Opener) -> frozenset[str]:
    """Fields whose value is another. Where a seal does not open, all that it holds count."""
    old, new = incident_subject(before), incident_subject(after)
    clear = {name for name in _CLEAR if _text(old.clear.get(name)) != _text(new.clear.get(name))}
    sealed = _EVERYTHING - _CLEAR
    try:
        first, second = _opened(old, opener, sealed), _opened(new, opener, sealed)
    except SealError:
        return frozenset((clear - _VERSIONING) | sealed)
    different = {name for name in sealed if first.get(name) != second.get(name)}
    return frozenset((clear - _VERSIONING) | different)


def restricted(before: Row, after: Row) -> str | None:
    """The kind of fact, if facts that the policy looks at differ; else None."""
    old, new = (dict(incident_subject(row).facts) for row in (before, after))
    return rules.restriction(old, new)


def _opened(subject: Any, opener: Opener, names: frozenset[str]) -> Mapping[str, str]:
    if subject.sealed is None:
        return {}
    values = subject.sealed(opener, names, consent_set_aside=True)
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    return json.dumps(plain(value), sort_keys=True)
