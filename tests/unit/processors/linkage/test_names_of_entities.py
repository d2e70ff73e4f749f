"""What an entity is called: after its founder, through growth, merges and splits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from processors.linkage.agent import LinkageCore
from processors.linkage.matcher import Matcher
from processors.log import LogRecord
from processors.repeats.agent import RepeatsCore
from processors.repeats.alerts import alert_id
from processors.repeats.rules import load as rules
from schemas.identifiers import stable_id
from schemas.records import HubIncident, Person
from tests.unit.processors.linkage.builders import NOON, incident, live, matched, person, ruling

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
HER = person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09", **HOME)


def name(number: int) -> str:
    """The id that the first person of an incident gives."""
    return stable_id("ent", f"inc_{number:03d}#0")


def told(number: int, who: Person, recorded: datetime, *, version: int = 1) -> HubIncident:
    """An incident of that person, recorded at that moment."""
    made = incident(number, who, version=version)
    made["recorded_at"] = recorded
    return made


def names(made: Matcher) -> list[str]:
    """Ids of the live persons."""
    return [entity["entity_id"] for entity in live(made)]


def test_growth_does_not_rename() -> None:
    """However the newcomers' own ids compare, the founder's stays."""
    made = matched(told(50, HER, NOON))
    for number in range(40):
        made.apply(told(number, HER, NOON + timedelta(hours=1 + number)))
        assert names(made) == [name(50)]


def test_bringing_a_record_up_to_date_does_not_rename() -> None:
    """Later versions, of the founder or of others, leave the name alone."""
    made = matched(told(5, HER, NOON + timedelta(hours=1)), told(2, HER, NOON + timedelta(days=1)))
    assert names(made) == [name(5)]
    made.apply(told(5, HER, NOON + timedelta(days=9), version=2))
    assert names(made) == [name(5)]


def test_an_older_record_that_comes_late_is_the_founder() -> None:
    """The name depends on the set: whoever hears of the older record first says the same."""
    older, newer = told(9, HER, NOON), told(1, HER, NOON + timedelta(days=1))
    for order in ([older, newer], [newer, older]):
        made = matched(*order)
        assert names(made) == [name(9)]
        assert made.entity(name(1))["heir"] == name(9)


def test_a_split_gives_the_name_back_that_was_absorbed() -> None:
    """The part without the founder lives under the id that led to the whole before."""
    made = matched(told(3, HER, NOON), told(4, HER, NOON + timedelta(days=1)))
    assert made.entity(name(4))["heir"] == name(3)
    made.decide(ruling("inc_003#0", "inc_004#0", "different"))
    assert [made.entity(name(at))["status"] for at in (3, 4)] == ["live", "live"]
    made.decide(ruling("inc_003#0", "inc_004#0", "open", 1))
    assert made.entity(name(4))["heir"] == name(3)


def test_a_retracted_founder_leaves_its_heirs_under_the_next_name() -> None:
    """Nothing has the retracted mention's id any more."""
    made = matched(*(told(at, HER, NOON + timedelta(days=at)) for at in (3, 4, 5)))
    made.apply(incident(3, version=2, retracted=True))
    assert made.entity(name(3))["status"] == "dissolved"
    assert names(made) == [name(4)]
    assert made.entity(name(5))["heir"] == name(4)


class _Chain:
    """Linkage and repeats, record by record."""

    def __init__(self) -> None:
        self._linkage = LinkageCore(matched())
        self._repeats = RepeatsCore(rules())
        self.alerts: dict[str, Any] = {}

    def take(self, topic: str, value: Any) -> None:
        """Pass a record through both."""
        self._linkage.apply(LogRecord(topic, 0, 0, "", value, NOON))
        for entity in self._linkage.changes():
            key = entity["entity_id"]
            self._repeats.apply(LogRecord("hub.entity.v1", 0, 0, key, dict(entity), NOON))
        self.alerts |= {alert["alert_id"]: alert for alert in self._repeats.changes()}

    def status(self, number: int) -> tuple[str, str | None]:
        """Status and heir of the repeat-victim alert on the person of that name."""
        alert = self.alerts[alert_id("repeat-victim", name(number))]
        return alert["status"], alert["heir"]


def test_alerts_follow_a_merge_and_a_split() -> None:
    """Superseded for the absorbed, raised for the heir, and raised again after a split."""
    other = person(given_names="Tova", family_name="Lindqvist", phones=["07700 900602"])
    chain = _Chain()
    for at, who in ((1, HER), (2, HER), (3, other), (4, other)):
        chain.take("hub.incident.v1", told(at, who, NOON + timedelta(days=at)))
    assert chain.status(1) == chain.status(3) == ("raised", None)
    chain.take("hub.link-review.v1", ruling("inc_001#0", "inc_003#0", "same"))
    heir = alert_id("repeat-victim", name(1))
    assert chain.status(3) == ("superseded", heir)
    assert len(chain.alerts[heir]["incident_ids"]) == 4
    chain.take("hub.link-review.v1", ruling("inc_001#0", "inc_003#0", "open", 1))
    assert chain.status(1) == chain.status(3) == ("raised", None)
    assert len(chain.alerts[heir]["incident_ids"]) == 2
