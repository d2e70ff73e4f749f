"""A draft in place of what is in force: the two sets of agreements that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policies.agreements import Agreement


def with_draft(live: Iterable[Agreement], draft: Agreement) -> tuple[Agreement, ...]:
    """Give what would be in force if the draft were approved: in place of its namesake, or beside.

    The draft is taken as live, whatever its status: that is the question.
    """
    others = [one for one in live if one["id"] != draft["id"]]
    return tuple(sorted([*others, as_live(draft)], key=lambda one: str(one["id"])))


def without(live: Iterable[Agreement], identifier: str) -> tuple[Agreement, ...]:
    """Give what would be in force if an agreement were withdrawn."""
    return tuple(one for one in live if one["id"] != identifier)


def as_live(agreement: Mapping[str, Any]) -> Agreement:
    """Give the agreement as it would be once it is approved; its dates stay."""
    return {**agreement, "status": "live"}


def changed(live: Iterable[Agreement], draft: Iterable[Agreement]) -> frozenset[str]:
    """Name the agreements that differ between two sets: changed, added or removed."""
    before = {one["id"]: _binding(one) for one in live}
    after = {one["id"]: _binding(one) for one in draft}
    return frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))


def _binding(agreement: Agreement) -> tuple[Any, ...]:
    """What of an agreement can change a decision."""
    clauses = [{k: v for k, v in one.items() if k != "text"} for one in agreement["clauses"]]
    return (agreement["status"], agreement["starts"], agreement["ends"], clauses)
