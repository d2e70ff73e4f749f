"""What a version goes through before anybody may approve it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.engine import EngineUnavailable


def examine(agreement: Mapping[str, Any], in_force: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Examine a version beside what is in force. `passed` says whether it may be approved.

    Takes its time: call it on a thread of its own.
    """
    others = [dict(one) for one in in_force if one["id"] != agreement["id"]]
    try:
        bundle = assemble([*others, {**agreement, "status": "live"}])
        RegorusEngine(bundle)
    except EngineUnavailable:
        return {"passed": False, "findings": ["the policy does not compile with it"]}
    return {"passed": True, "findings": []}
