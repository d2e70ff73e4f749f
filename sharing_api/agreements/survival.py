"""No act on an agreement may leave a hub on which nobody can act on agreements any more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.engine import EngineUnavailable
from sharing_api.agreements.desk import Act
from sharing_api.agreements.subjects import act_subject
from sharing_api.problems import Problem
from sharing_api.release import Release, question
from sharing_api.services import Services


async def survives(
    services: Services, act: Act, outcome: Release, changed: Mapping[str, Any]
) -> None:
    """Raise Problem 409 if an act would take away what it rests on, and leave nothing instead."""
    acting_under = {name.partition("@")[0] for name in outcome.agreement.split(", ")}
    if changed["id"] not in acting_under:
        return
    in_force = await asyncio.to_thread(services.parts.agreements)
    if not await asyncio.to_thread(_could_act, act, list(in_force), changed):
        raise Problem(
            409,
            "nobody-left",
            "You act under this agreement. After this nobody could act on agreements in your "
            "place; approve a version of it that lets officers act.",
        )


def _could_act(act: Act, in_force: list[Mapping[str, Any]], changed: Mapping[str, Any]) -> bool:
    """Whether this asker could do the same once more, on the day of the change."""
    others = [dict(one) for one in in_force if one["id"] != changed["id"]]
    day = max(changed["starts"], act.at.date().isoformat())
    moment = act.at.fromisoformat(f"{day}T12:00:00+00:00")
    ask = question.Question.of(act.asker, act.purpose, act.reason, None, moment)
    subject = act_subject(changed["id"], "test", moment)
    try:
        engine = RegorusEngine(assemble([*others, dict(changed)]))
        return engine.answer(ask.about(question.facts(subject), subject.id)).permit
    except EngineUnavailable:
        return False
