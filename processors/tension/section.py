"""How data that the hub's people edit is checked: every key known, every number in its range."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=3660)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class Section(BaseModel):
    """One table of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
