"""The numbers behind the alerts, read from rules.toml and checked as they are read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from processors.repeats.window import Window

Level = Literal["standard", "medium", "high", "immediate"]
Count = Annotated[int, Field(ge=1, le=1000)]


class RulesError(ValueError):
    """The rules file cannot be used; the message names each faulty key."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Roles(_Section):
    """Which reported roles count as having suffered or done it."""

    victim: Annotated[list[str], Field(min_length=1)]
    suspect: Annotated[list[str], Field(min_length=1)]


class Frequency(_Section):
    """So many incidents within a window."""

    incidents: Count
    window: Window


class CountRule(Frequency):
    """An alert that rests on a count alone."""

    level: Level


class ScoreRule(_Section):
    """A rubric score, of the forms within a window."""

    at_least: Count
    window: Window


class RecurrenceRule(_Section):
    """Any incident within a window after a panel took a referral."""

    window: Window


class Rise(_Section):
    """Severity never falls over `steps` days or more and ends at least `by` higher."""

    steps: Annotated[int, Field(ge=2, le=100)]
    by: Annotated[int, Field(ge=1, le=5)]
    agencies: Count
    window: Window


class CmaracRule(_Section):
    """Any of the four is enough."""

    level: Level
    frequency: Frequency
    score: ScoreRule
    recurrence: RecurrenceRule
    rise: Rise


class PerpetratorRule(CountRule):
    """Distinct victims over several incidents, or a count of incidents."""

    victims: Count
    victims_incidents: Count


class EscalationRule(_Section):
    """Severity rising over time."""

    level: Level
    rise: Rise


class ImmediateRule(_Section):
    """What cannot wait for the next meeting."""

    level: Level
    kinds: Annotated[list[str], Field(min_length=1)]
    sides: list[Literal["victim", "suspect", "place"]]
    window: Window


class Item(_Section):
    """One question of the rubric and the points that its answers give."""

    asks: str
    points: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]

    @property
    def highest(self) -> int:
        """Points of the gravest answer."""
        return max(self.points)


class Thresholds(_Section):
    """Scores from which a level holds."""

    medium: Count
    high: Count

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium >= self.high:
            raise ValueError("medium must be below high")
        return self


class Rubric(_Section):
    """The items and what a total means."""

    levels: Thresholds
    items: Annotated[dict[str, Item], Field(min_length=1)]

    @property
    def highest(self) -> int:
        """The greatest possible score."""
        return sum(item.highest for item in self.items.values())

    def level(self, score: int) -> str:
        """Return the level of a score."""
        if score >= self.levels.high:
            return "high"
        return "medium" if score >= self.levels.medium else "standard"


class Rules(_Section):
    """All rules. `version` changes exactly when a number or name in the file changes."""

    version: str
    roles: Roles
    repeat_victim: Annotated[CountRule, Field(alias="repeat-victim")]
    cmarac_candidate: Annotated[CmaracRule, Field(alias="cmarac-candidate")]
    repeat_perpetrator: Annotated[PerpetratorRule, Field(alias="repeat-perpetrator")]
    same_pair: Annotated[CountRule, Field(alias="same-victim-perpetrator")]
    repeat_location: Annotated[CountRule, Field(alias="repeat-location")]
    escalation: EscalationRule
    immediate_risk: Annotated[ImmediateRule, Field(alias="immediate-risk")]
    rubric: Rubric

    def level_of(self, rule: str) -> str:
        """Return the level of a raised alert of `rule`. Raises KeyError for an unknown rule."""
        return {
            "repeat-victim": self.repeat_victim.level,
            "cmarac-candidate": self.cmarac_candidate.level,
            "repeat-perpetrator": self.repeat_perpetrator.level,
            "same-victim-perpetrator": self.same_pair.level,
            "repeat-location": self.repeat_location.level,
            "escalation": self.escalation.level,
            "immediate-risk": self.immediate_risk.level,
        }[rule]


def load(text: str | None = None) -> Rules:
    """Read rules from TOML `text`, or the ones that ship with the hub.

    Raises RulesError naming every faulty key.
    """
    if text is None:
        text = resources.files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"rules are not TOML: {error}") from error
    if "version" in content:
        raise RulesError("version: is computed, leave it out")
    try:
        return Rules.model_validate({**content, "version": version_of(content)})
    except ValidationError as error:
        raise RulesError(_faults(error)) from error


def version_of(content: Mapping[str, Any]) -> str:
    """Return a version that depends on what rules say and not on comments or layout."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return "repeats-" + hashlib.blake2b(canonical, digest_size=5).hexdigest()


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    )
