"""The numbers behind the signals, read from rules.toml and checked as they are read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from importlib import resources
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Probability = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=3660)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class RulesError(ValueError):
    """The rules file cannot be used; the message names each faulty key."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class WindowRule(_Section):
    """Lengths in days: of what is judged, of what it is judged against, of the memory."""

    days: Days
    baseline_days: Days
    lapse_days: Annotated[int, Field(ge=0, le=366)]

    @property
    def horizon(self) -> int:
        """Days back from the day judged that can matter at all."""
        return self.days + self.baseline_days + self.lapse_days


class Baseline(_Section):
    """What a baseline counts for at least, and how much history it needs."""

    at_least: Count
    opening_reports: Count
    learning_days: Days


class Threshold(_Section):
    """A chance below which, and counts from which, a colour holds."""

    probability: Probability
    reports: Count
    agencies: Count


class Amber(Threshold):
    """Amber, and the chance below which it is level 3 rather than 4."""

    raised_probability: Probability


class Disorder(_Section):
    """What one report must say to be evidenced disorder."""

    eep: list[str]
    categories: list[str]
    grades: list[str]


class Minor(_Section):
    """The chance below which green is level 5 rather than 6."""

    probability: Probability


class Uncounted(_Section):
    """Gradings that are never counted."""

    intelligence: list[str]


class Rules(_Section):
    """All rules. `version` changes exactly when a number or name in the file changes."""

    version: str
    window: WindowRule
    baseline: Baseline
    amber: Amber
    red: Threshold
    disorder: Disorder
    minor: Minor
    uncounted: Uncounted

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.red.probability < self.amber.probability < self.minor.probability:
            raise ValueError("probabilities must fall from minor over amber to red")
        if self.baseline.learning_days > self.window.baseline_days:
            raise ValueError("baseline.learning_days must not exceed window.baseline_days")
        return self

    def expected(self, baseline: int, history_days: int) -> float:
        """Return the reports to expect in a window after `baseline` reports in the days before.

        Without history nothing is known; the answer is then the least that a whole baseline
        would give.
        """
        days = history_days or self.window.baseline_days
        return max(self.baseline.at_least, baseline) * self.window.days / days


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
        return Rules.model_validate({**content, "version": _version(content)})
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise RulesError(
            "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        ) from error


def _version(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.blake2b(canonical, digest_size=5).hexdigest()
