"""Constants of the default method: estimated from history, versioned, never guessed in code."""

from __future__ import annotations

from typing import Annotated, Any, Final

import numpy as np
from pydantic import Field, field_validator

from processors.tension.methods.arrays import Reals
from processors.tension.section import Probability, Section

LEVELS: Final = ("county", "district", "ward", "lsoa")
"""Levels of geography, the widest first."""
DELAYS: Final = 84
"""Days over which reports are taken to arrive."""


class Delay(Section):
    """Reporting delay. An empty list stands for no delay."""

    share: list[Annotated[float, Field(ge=0, le=1)]]

    @field_validator("share")
    @classmethod
    def _rises(cls, share: list[float]) -> list[float]:
        if share != sorted(share) or len(share) > DELAYS:
            raise ValueError(f"shares must not fall, and there are at most {DELAYS}")
        return share

    def completeness(self) -> Reals:
        """Share known by age in days, 0 to DELAYS - 1."""
        known = np.ones(DELAYS)
        known[: len(self.share)] = self.share
        return np.maximum(known, 0.01)


class Variation(Section):
    """Overdispersion of a week's count, by level of geography."""

    county: Annotated[float, Field(ge=0, le=10)]
    district: Annotated[float, Field(ge=0, le=10)]
    ward: Annotated[float, Field(ge=0, le=10)]
    lsoa: Annotated[float, Field(ge=0, le=10)]


class BaselineConstants(Section):
    """How the baseline borrows and forgets."""

    guard_days: Annotated[int, Field(ge=7, le=28)]
    weeks: Annotated[int, Field(ge=4, le=52)]
    strength: Annotated[float, Field(gt=0, le=1000)]
    recent_weeks: Annotated[int, Field(ge=1, le=11)]
    kappa: Annotated[float, Field(gt=0, le=100_000)]


class Limits(Section):
    """From where on each method speaks, at one level of geography."""

    chance: Probability
    mixture: Annotated[float, Field(ge=0, le=200)]
    cusum: Annotated[float, Field(gt=0, le=1000)] | None = None


class Thresholds(Section):
    """Limits by level, for a budget of false signals a week."""

    budget: Annotated[float, Field(gt=0, le=1000)]
    county: Limits
    district: Limits
    ward: Limits
    lsoa: Limits

    def at(self, level: str) -> Limits:
        """The limits of a level of geography."""
        limits: Limits = getattr(self, level)
        return limits


class Constants(Section):
    """All of them."""

    delay: Delay
    variation: Variation
    baseline: BaselineConstants
    thresholds: Thresholds

    def variations(self) -> Reals:
        """Overdispersion in the order of LEVELS."""
        return np.array([getattr(self.variation, level) for level in LEVELS])

    def with_parts(self, **parts: Any) -> Constants:
        """These constants with some sections replaced, checked again."""
        return Constants.model_validate({**self.model_dump(), **parts})
