"""However often recall looks, reminds and is answered: one notice for each fact, told as often."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select

from schemas.identifiers import Pseudonyms
from sharing_api.recall import notices
from sharing_api.recall.facts import ACTIONS, Due, Fact
from sharing_api.store.base import Base
from sharing_api.store.ledger_references import LedgerReference
from sharing_api.store.recall_tables import NoticeEventRow, NoticeRow
from sharing_api.store.tables import CounterRow
from sharing_api.store.upsert import table_of
from sharing_api.webhooks.rows import DeliveryRow, WebhookRow

START = datetime(2026, 3, 1, tzinfo=UTC)
PSEUDONYMS = Pseudonyms(b"p" * 32)
ROWS = (NoticeRow, NoticeEventRow, CounterRow, WebhookRow, DeliveryRow, LedgerReference)
TABLES = [table_of(row) for row in ROWS]
RECIPIENTS = ("north", "south")
HOOK = {
    "url": "https://a.example/", "signing": "hmac", "secret_version": 1, "asker": "{}",
    "stated": "{}", "status": "active", "created_at": START, "position": 0,
    "events": json.dumps(["notice.v1"]),
}  # fmt: skip

DUE = st.builds(
    lambda agency, record, kind, field, sequence: Due(
        agency, record, "alert", Fact(kind, "inc_a", "1"), frozenset({field}), frozenset({sequence})
    ),
    st.sampled_from(RECIPIENTS),
    st.sampled_from(("alt_a", "alt_b")),
    st.sampled_from(sorted(ACTIONS)[:3]),
    st.sampled_from(("level", "victim_name")),
    st.integers(1, 3),
)
STEP = st.one_of(
    st.tuples(st.just("look"), st.lists(DUE, max_size=4)),
    st.tuples(st.just("remind"), st.just(())),
    st.tuples(st.just("acknowledge"), st.integers(0, 5)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=10))
def test_one_notice_for_each_fact_told_as_often_as_it_is_sent(steps: list[tuple[str, Any]]) -> None:
    """By row and by webhook; what was acknowledged stays so, and is not reminded."""
    engine = create_engine("sqlite://")
    rows, deliveries = table_of(NoticeRow), table_of(DeliveryRow)
    due: set[tuple[str, str, str]] = set()
    done: set[str] = set()
    with engine.begin() as connection:
        Base.metadata.create_all(connection, tables=TABLES)
        for place in range(1, 4):
            named = {"sequence": place, "series": "north.0a1b2c3d", "number": place}
            connection.execute(insert(table_of(LedgerReference)).values(named))
        for agency in RECIPIENTS:
            hook = {**HOOK, "webhook_id": f"whk_{agency}", "agency": agency}
            connection.execute(insert(table_of(WebhookRow)).values(hook))
        for hour, (what, which) in enumerate(steps):
            now = START + timedelta(days=30 * hour)
            if what == "look":
                notices.keep(connection, which, PSEUDONYMS, now)
                due |= {(each.agency, each.record_id, each.fact.kind) for each in which}
            elif what == "remind":
                for name in notices.overdue(connection, now):
                    assert name not in done
                    notices.remind(connection, name, now)
            else:
                names = sorted(connection.execute(select(rows.c.notice_id)).scalars())
                for name in names[which : which + 1]:
                    fresh = notices.acknowledge(connection, name, "deleted", "p", now)
                    assert fresh == (name not in done)
                    done.add(name)
        found = connection.execute(select(rows)).all()
        told = connection.execute(select(deliveries)).all()
    assert sorted((row.agency, row.record_id, row.fact) for row in found) == sorted(due)
    assert {row.notice_id for row in found if row.status == notices.ACKNOWLEDGED} == done
    expected = [f"{row.notice_id}.{n}" for row in found for n in range(1, row.wanted + 1)]
    assert sorted(each.event_id for each in told) == sorted(expected)
    owners = {row.notice_id: f"whk_{row.agency}" for row in found}
    assert all(each.webhook_id == owners[each.event_id.partition(".")[0]] for each in told)
    engine.dispose()
