"""Opening and treating: the last step of the gate, after the ledger has its entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from policies.engine import Decision
from policies.fields import FIELDS, Field
from schemas.identifiers import Pseudonyms
from schemas.sealing import Opener, SealError
from sharing_api.release.answers import GateClosed, Subject, Wanted
from sharing_api.release.treatments import WITHHELD, Pseudonym, apply

_CONDITIONS: Final = "handling_conditions"
_EPOCH: Final = date(1970, 1, 1)
_SET_ASIDE: Final = "emergency-consent-set-aside"


class Opening:
    """Holds the release key. Nothing else of the sharing API does."""

    def __init__(self, opener: Opener | None, pseudonyms: Pseudonyms) -> None:
        """`opener` None: the key is missing."""
        self._opener = opener
        self._pseudonyms = pseudonyms

    def require_key(self) -> None:
        """Raise GateClosed if the release key is missing, whatever is asked for.

        A hub that cannot open what it holds is not in order, and what it would still let out would
        look like the whole.
        """
        if self._opener is None:
            raise GateClosed("key")

    def treat(
        self, subject: Subject, decision: Decision, recipient: str, today: date
    ) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
        """Give the fields and obligations that leave. Raises GateClosed if a seal does not open."""
        opened = self._opened(subject, decision)
        fields = self._treated(subject, decision, opened, recipient, today)
        return fields, tuple(_obligation(row, opened) for row in decision.obligations)

    def outline(
        self, subject: Subject, decision: Decision, recipient: str, today: date
    ) -> dict[str, Any]:
        """Give those of the fields that leave for which no seal is opened."""
        return self._treated(subject, decision, None, recipient, today)

    def _treated(
        self,
        subject: Subject,
        decision: Decision,
        opened: Mapping[str, Any] | None,
        recipient: str,
        today: date,
    ) -> dict[str, Any]:
        """Treat what leaves; `opened` None leaves out what is sealed."""
        context = {**subject.context, "today": today}
        known, clear, pseudonym = _fields(subject.kind), subject.clear, self._named_for(recipient)
        fields: dict[str, Any] = {}
        for name, treatment in sorted(decision.fields.items()):
            field = known.get(name)
            values = clear if field is not None and field.source == "clear" else opened
            if field is None or values is None:
                continue
            value = apply(treatment, values.get(name), context, pseudonym)
            if value is not WITHHELD:
                fields[name] = value
        return fields

    def shows(
        self, subject: Subject, decision: Decision, wanted: Wanted, recipient: str, today: date
    ) -> bool:
        """Tell whether what the asker is shown of the filtered fields passes; opens no seal.

        A field that is withheld or sealed fails, whatever its value.
        """
        context = {**subject.context, "today": today}
        known, pseudonym = _fields(subject.kind), self._named_for(recipient)
        for name, passes in wanted.items():
            field = known.get(name)
            treatment = decision.fields.get(name)
            if treatment is None or field is None or field.source != "clear":
                return False
            value = apply(treatment, subject.clear.get(name), context, pseudonym)
            if value is WITHHELD or not passes(value):
                return False
        return True

    def _named_for(self, recipient: str) -> Pseudonym:
        return partial(self._pseudonyms.pseudonym, recipient)

    def _opened(self, subject: Subject, decision: Decision) -> Mapping[str, Any]:
        names = _sealed_names(subject, decision)
        if not names or subject.sealed is None:
            return {}
        if self._opener is None:
            raise GateClosed("key")
        try:
            return subject.sealed(
                self._opener, names, consent_set_aside=_SET_ASIDE in decision.reasons
            )
        except SealError:
            raise GateClosed("key") from None


_NONE: Final[Mapping[str, Field]] = {}


def _fields(kind: str) -> Mapping[str, Field]:
    return FIELDS.get(kind, _NONE)


def _sealed_names(subject: Subject, decision: Decision) -> frozenset[str]:
    known = _fields(subject.kind)
    names = {
        name
        for name in decision.fields
        if (field := known.get(name)) is not None and field.source != "clear"
    }
    if any(row["code"] == "handling-conditions" for row in decision.obligations):
        names.add(_CONDITIONS)
    return frozenset(names) if subject.sealed is not None else frozenset()


def _obligation(row: Mapping[str, Any], opened: Mapping[str, Any]) -> dict[str, Any]:
    """Put an obligation into the words of the answer: days as ISO dates, conditions as text."""
    out = {key: value for key, value in row.items() if key != "epoch_day"}
    if "epoch_day" in row:
        out["date"] = (_EPOCH + timedelta(days=row["epoch_day"])).isoformat()
    if row["code"] == "handling-conditions":
        out["conditions"] = opened.get(_CONDITIONS)
    return out
