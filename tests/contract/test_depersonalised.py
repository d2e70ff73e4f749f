"""No field of a person exists in any tension topic, table or feed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from policies.fields import FIELDS
from schemas import codec, topics
from sharing_api.feeds.formats import COLUMNS
from sharing_api.feeds.rows import FeedNumberRow, FeedViewRow
from sharing_api.levels.rows import LevelRow
from sharing_api.open_feed.formats import COLUMNS as OPEN_COLUMNS
from sharing_api.open_feed.rows import OpenBudgetRow, OpenItemRow, OpenPublicationRow
from sharing_api.store.base import Base
from sharing_api.store.tables import SignalRow, TensionItemRow, TensionStrandRow
from sharing_api.store.upsert import table_of

PERSONAL = re.compile(
    r"name|birth|address|street|postcode|uprn|phone|e_?mail|victim|suspect|person|identity|narrative"
    r"|mention|entity|subject|reporter|witness|gender|nationality|ethnic"
)
OF_AREAS = {"area_name"}
"""Names of places."""
TABLES: tuple[type[Base], ...] = (
    SignalRow,
    TensionItemRow,
    TensionStrandRow,
    LevelRow,
    OpenBudgetRow,
    OpenItemRow,
    OpenPublicationRow,
    FeedViewRow,
    FeedNumberRow,
)


def field_names(type_: Any) -> set[str]:
    """Names of all fields of a schema, inner records included; a method's name is no person's."""
    if isinstance(type_, list):
        return set().union(*map(field_names, type_))
    if not isinstance(type_, dict):
        return set()
    found = set()
    for field in type_.get("fields", ()):
        of_method = type_["name"] == "SignalMethod" and field["name"] == "name"
        found |= {"method" if of_method else field["name"]} | field_names(field["type"])
    return found | field_names(type_.get("items")) | field_names(type_.get("values"))


def personal(names: Any) -> set[str]:
    """Those that could be a person's."""
    return {name for name in names if PERSONAL.search(name)} - OF_AREAS


TENSION_RECORDS = sorted(
    {
        topic.record
        for topic in topics.hub_topics()
        if topic.name.startswith(("hub.tension", "hub.open"))
    }
)


@pytest.mark.parametrize("record", TENSION_RECORDS)
def test_no_tension_topic_has_a_field_of_a_person(record: str) -> None:
    """Everything on them but the sealed text of a return is a code, a number or a day."""
    assert not personal(field_names(codec.source(record)))


def test_all_tension_topics_are_looked_at() -> None:
    """Items, signals, levels and open tables."""
    assert {"tension-item.v1", "tension-signal.v1", "tension-level.v1", "open-table.v1"} <= set(
        TENSION_RECORDS
    )


@pytest.mark.parametrize("row", TABLES)
def test_no_tension_table_has_a_column_of_a_person(row: type[Base]) -> None:
    """Names of columns, as the database has them."""
    assert not personal(column.name for column in table_of(row).columns)


@pytest.mark.parametrize("kind", ["signal", "level", "level-decision"])
def test_nothing_that_the_gate_can_release_of_tension_is_a_persons(kind: str) -> None:
    """Not by name, not by class, not sealed, not about anybody."""
    table = FIELDS[kind]
    assert not personal(table)
    assert {field.source for field in table.values()} == {"clear"}
    assert {field.about for field in table.values()} == {None}
    assert not {field.data_class for field in table.values()} & {"personal", "special"}


def test_no_feed_has_a_column_of_a_person() -> None:
    """Under an agreement and open."""
    assert not personal([*COLUMNS, *OPEN_COLUMNS])


def test_the_search_for_personal_fields_finds_them() -> None:
    """In the records that do have them."""
    assert personal(field_names(codec.source("incident.v1")))
    assert personal(FIELDS["incident"])
