"""The numbers behind the signals, read from three files and checked as they are read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import date
from importlib import resources
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from processors.tension.constants import Constants
from processors.tension.section import Count, Days, Probability, Section


class RulesError(ValueError):
    """A file cannot be used; the message names each faulty key."""


class WindowRule(Section):
    """Lengths in days: of what is judged, of the memory."""

    days: Annotated[int, Field(ge=1, le=14)]
    lapse_days: Annotated[int, Field(ge=0, le=28)]


class History(Section):
    """When the hub's history begins, and how much of it is needed."""

    opening_reports: Count
    learning_days: Days


class Amber(Section):
    """What a signal needs beside being rare, and the chance below which it is level 3."""

    reports: Count
    agencies: Count
    raised_probability: Probability


class Red(Section):
    """Rarer still."""

    probability: Probability
    mixture: Annotated[float, Field(gt=0, le=200)]
    reports: Count


class Disorder(Section):
    """What one report must say to be evidenced disorder."""

    eep: list[str]
    categories: list[str]
    grades: list[str]


class Minor(Section):
    """The chance below which green is level 5 rather than 6."""

    probability: Probability


class Uncounted(Section):
    """Gradings that are never counted."""

    intelligence: list[str]


class Silence(Section):
    """When a gap in the reporting is longer than usual."""

    gaps: Count
    times_longest: Annotated[float, Field(ge=1, le=100)]
    least_days: Days
    most_days: Days


class Trigger(Section):
    """Days on which some strands or groups are watched more closely."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    from_: Annotated[date, Field(alias="from")]
    to: date
    strands: list[str]
    relax: Annotated[float, Field(ge=1, le=10)]

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.to < self.from_:
            raise ValueError("a window must not end before it begins")
        return self

    def covers(self, day: date, strand: str) -> bool:
        """Tell whether reports of `strand` (or group) are watched on `day`."""
        named = {strand, strand.partition(":")[0]}
        return self.from_ <= day <= self.to and (not self.strands or bool(named & {*self.strands}))


class Rules(Section):
    """All rules. `version` changes exactly when a number or name in one of the files changes."""

    version: str
    window: WindowRule
    history: History
    amber: Amber
    red: Red
    disorder: Disorder
    minor: Minor
    uncounted: Uncounted
    silence: Silence
    constants: Constants
    triggers: list[Trigger]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.red.probability < self.minor.probability:
            raise ValueError("red.probability must be below minor.probability")
        if self.silence.least_days > self.silence.most_days:
            raise ValueError("silence.least_days must not exceed silence.most_days")
        return self

    def watched(self, day: date, strand: str) -> list[Trigger]:
        """The trigger windows that reports of a strand or group fall into on a day."""
        return [one for one in self.triggers if one.covers(day, strand)]


def load(
    text: str | None = None, constants: str | None = None, triggers: str | None = None
) -> Rules:
    """Read rules, constants and trigger windows from TOML texts, or what ships with the hub.

    Raises RulesError naming every faulty key.
    """
    content = _table("rules", text)
    if "version" in content:
        raise RulesError("version: is computed, leave it out")
    content["constants"] = _table("constants", constants)
    content["triggers"] = _table("triggers", triggers).get("window", [])
    try:
        return Rules.model_validate({**content, "version": _version(content)})
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise RulesError(
            "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        ) from error


def _table(name: str, text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(shipped(name) if text is None else text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name} are not TOML: {error}") from error


def shipped(name: str) -> str:
    """The text of one of the files that come with the hub: rules, constants or triggers."""
    return resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _version(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()
    return hashlib.blake2b(canonical, digest_size=5).hexdigest()
