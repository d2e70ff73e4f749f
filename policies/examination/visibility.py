"""Who can see this, for the facts of one record: each class of askers, field by field.

Askers are taken as able to do what a clause asks of them; what that is stands beside the field. So
the answer is who could see the record, and under which clause, not who has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.examination.askers import AskerClass, classes, names, together
from policies.examination.conditions import on_asker
from policies.examination.judging import judge
from policies.examination.matrix import Offer, kept
from policies.examination.questions import record_of
from policies.examination.vocabulary import OTHER, RULED_TYPES
from policies.examination.words import TREATED, field_name
from policies.fields import TREATMENTS

Fields = Mapping[str, tuple[Offer, ...]]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one class of askers could see of the record: offers by field, the most open first."""

    askers: AskerClass
    fields: Fields

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return {
            "askers": self.askers.said(),
            "purpose": self.askers.purpose,
            "fields": {
                name: [
                    {
                        "treatment": one.treatment,
                        "said": f"{field_name(name)} {TREATED[one.treatment]}",
                        "conditions": list(one.conditions),
                        "agreement": one.agreement,
                        "clause": one.clause,
                    }
                    for one in offers
                ]
                for name, offers in self.fields.items()
            },
        }


def who_can_see(
    agreements: Iterable[Agreement],
    facts: Mapping[str, Any],
    *,
    epoch_day: int,
    types: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Sight, ...]:
    """Say who could see a record with these facts (of the decision input's `record`) on a day.

    `types` has the type of each agency that is known, so that no impossible asker is listed. Who is
    not listed sees nothing.
    """
    listed = list(agreements)
    record = record_of(facts)
    clauses = [clause for one in listed for clause in one["clauses"]]
    concerned = [clause for clause in clauses if record["kind"] in clause["items"]]
    more = {
        "agencies": {*record["originators"], *record["tenant_of"]},
        "agency_types": RULED_TYPES,
    }
    looking = _Looking(listed, record, epoch_day)
    alike: dict[tuple[Any, ...], list[AskerClass]] = {}
    for one in classes(concerned, more):
        if not _possible(one, types):
            continue
        fields = looking.seen(one)
        if fields:
            alike.setdefault((one.purpose, tuple(fields.items())), []).append(one)
    found = [
        Sight(askers, dict(fields))
        for (_, fields), several in alike.items()
        for askers in together(several, concerned, more)
    ]
    return tuple(sorted(found, key=lambda one: one.askers))


def _possible(one: AskerClass, types: Mapping[str, str]) -> bool:
    (agency,), (agency_type,) = one.agencies, one.agency_types
    known = types.get(agency)
    return known is None or agency_type == known


class _Looking:
    """One record, looked at by each class of askers under each clause that names them."""

    def __init__(
        self, agreements: Sequence[Agreement], record: Mapping[str, Any], day: int
    ) -> None:
        self._agreements = agreements
        self._data = assemble(agreements).data["agreements"]
        self._record = record
        self._day = day

    def seen(self, asker: AskerClass) -> Fields:
        """Give what a class could see, by field."""
        offers: dict[str, list[Offer]] = {}
        for agreement in self._agreements:
            for number, clause in enumerate(agreement["clauses"]):
                if self._record["kind"] in clause["items"] and names(clause, asker):
                    for name, offer in self._under(agreement["id"], number, clause, asker):
                        offers.setdefault(name, []).append(offer)
        return {name: tuple(kept(several)) for name, several in sorted(offers.items())}

    def _under(
        self, agreement: str, number: int, clause: Mapping[str, Any], asker: AskerClass
    ) -> Iterator[tuple[str, Offer]]:
        for emergency in (False, True):
            document = self._document(clause, asker, emergency=emergency)
            judgement = judge(self._data, document)
            for one in judgement.verdicts:
                if (one.agreement, one.clause) != (agreement, number) or not judgement.permit:
                    continue
                conditions = on_asker(clause, emergency=emergency)
                for name, rank in (one.offers or {}).items():
                    if rank:
                        yield name, Offer(TREATMENTS[rank], conditions, agreement, number + 1)

    def _document(
        self, clause: Mapping[str, Any], asker: AskerClass, *, emergency: bool
    ) -> dict[str, Any]:
        """A question by the one asker of this class who does all that the clause asks."""
        (agency,), (agency_type,), (role,) = asker.agencies, asker.agency_types, asker.roles
        vetting = OTHER if "*" in clause["vetting"] else clause["vetting"][0]
        lifted = emergency and "case_member" in clause["emergency_lifts"]
        return {
            "requester": {
                "subject": "asker",
                "agency": agency,
                "agency_type": agency_type,
                "role": role,
                "vetting": vetting,
                "relevant_authority": True,
                "competent_authority": False,
                "case_membership": [] if lifted else [self._record["id"]],
            },
            "purpose": asker.purpose,
            "justification": "stated",
            "now": {"epoch_day": self._day},
            "emergency": {"flag": emergency, "second_approver": _APPROVER if emergency else ""},
            "record": self._record,
        }


_APPROVER: Final = "approver"
