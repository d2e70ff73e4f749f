"""Who is addressed by which clauses of two sets of agreements, and what those can tell apart.

A clause that does not name an asker adds nothing to what that asker is given. So where the clauses
that do are the same in both sets, the answers are too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.examination.judging import addressed
from policies.examination.vocabulary import RULED_STRANDS, Vocabulary, of_clauses, read_by

Data = Mapping[str, Any]


class Audiences:
    """Remembers for each asker, purpose and kind what two sets of agreements have to say."""

    def __init__(self, before: Data, after: Data) -> None:
        """Both are `Bundle.data["agreements"]`."""
        self._before, self._after = before, after
        self._known: dict[tuple[str, ...], Vocabulary | None] = {}

    def of(self, document: Mapping[str, Any]) -> Vocabulary | None:
        """Give what the clauses that address the asker can tell apart; None if both sets agree."""
        asker = document["requester"]
        kind = document["record"]["kind"]
        names = (asker["agency"], asker["agency_type"], asker["role"])
        audience = (document["purpose"], kind, *names)
        if audience not in self._known:
            self._known[audience] = self._words(document, kind)
        return self._known[audience]

    def _words(self, document: Mapping[str, Any], kind: str) -> Vocabulary | None:
        both = [list(_clauses(data, document)) for data in (self._before, self._after)]
        if both[0] == both[1]:
            return None
        clauses = [clause for each in both for _, _, clause in each]
        agreements = [
            data["by_id"][name]
            for data, each in zip((self._before, self._after), both, strict=True)
            for name in {name for name, _, _ in each}
        ]
        about = self._after["fields"].get(kind, {"victim_identity": (), "subject": ()})
        reads = read_by(clauses, kind, about)
        strands = RULED_STRANDS if "victim" in reads else frozenset()
        return of_clauses(agreements, clauses, reads, strands)


def _clauses(data: Data, document: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The clauses that name the asker, each with what of its agreement decides."""
    for name, number in addressed(data, document):
        agreement = data["by_id"][name]
        term = (agreement["status"], agreement["starts_day"], agreement["ends_day"])
        yield name, term, agreement["clauses"][number]
