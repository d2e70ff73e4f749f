"""Askers whom the policy cannot tell apart: what of a question its answer can depend on.

The rules look at who asks as a person in two places only: a record's authors do not judge it, and
in an emergency nobody approves their own request. Of a justification they see whether there is one.
So questions of equal `seen` get equal answers; a unit test reads the rules for it, and a property
test asks both engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.bundle import canonical


def seen(asked: Mapping[str, Any]) -> str:
    """Write what the policy can see of a question, whichever the record, as a text to compare.

    `asked` is a decision input without its record. Whether the asker is among a record's authors is
    to be compared as well.
    """
    requester = dict(asked["requester"])
    subject = requester.pop("subject")
    approver = asked["emergency"]["second_approver"]
    told = {
        **asked,
        "requester": requester,
        "justification": asked["justification"] != "",
        "emergency": {
            "flag": asked["emergency"]["flag"],
            "approved": approver != "",
            "by_oneself": approver == subject,
        },
    }
    return canonical(told).decode("utf-8")
