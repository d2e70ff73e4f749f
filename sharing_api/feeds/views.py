"""Who shares a feed: those who ask alike see the same, under the same numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from schemas.identifiers import stable_id
from sharing_api.auth.requests import Stated
from sharing_api.filters import SignalFilter
from sharing_api.release import Asker, Statement


@dataclass(frozen=True)
class View:
    """What one asker may follow for one purpose, and narrowed by what."""

    asker: Asker
    stated: Stated
    chosen: SignalFilter

    @property
    def purpose(self) -> str:
        """What the feed is read for."""
        return self.stated.purpose

    @cached_property
    def statement(self) -> Statement:
        """What the gate is told of the asker."""
        return Statement(self.asker, self.stated.justification, self.stated.emergency)

    @cached_property
    def id(self) -> str:
        """A name made of everything that decides what is shown in it, and of nothing else."""
        asker, stated, chosen = self.asker, self.stated, self.chosen
        told = [
            [
                asker.agency,
                asker.agency_type,
                asker.role,
                asker.vetting,
                *sorted(asker.case_membership),
            ],
            [stated.purpose, bool(stated.justification), stated.emergency is not None],
            [chosen.area, chosen.strand, chosen.status],
        ]
        return stable_id("view", json.dumps(told))
