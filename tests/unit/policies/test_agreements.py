"""Agreements are read with every fault named by its path."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from policies.agreements import AgreementInvalid, epoch_day, faults, load, parse, sift
from policies.agreements.language import write


@pytest.fixture
def agreement() -> dict[str, Any]:
    """A valid agreement to spoil."""
    return copy.deepcopy(load()[0])


def test_the_demonstration_agreements_are_valid_and_in_force_for_years() -> None:
    """Each passes the schema, is live, and has all the ICO's contents."""
    loaded = load()
    assert [one["id"] for one in loaded] == [
        "cmarac-partnership", "housing-tenancy-support", "hub-terms", "monitor-provider",
        "neighbouring-force", "nhs-depersonalised", "tension-monitoring",
    ]  # fmt: skip
    for one in loaded:
        assert not faults(one)
        assert one["status"] == "live"
        assert one["ends"] > "2035"


def test_a_missing_part_is_named(agreement: dict[str, Any]) -> None:
    """Leaving out the lawful basis is a fault that says so."""
    del agreement["article_6"]
    assert any("'article_6' is a required property" in fault for fault in faults(agreement))


def test_an_unknown_condition_is_a_fault_and_never_ignored(agreement: dict[str, Any]) -> None:
    """A condition that the rules do not know must not look like one that holds."""
    agreement["clauses"][0]["only_on_mondays"] = True
    assert any(fault.startswith("clauses[0]") for fault in faults(agreement))


def test_an_unknown_field_is_named_by_its_path(agreement: dict[str, Any]) -> None:
    """A field that no record has cannot be promised."""
    agreement["clauses"][0]["items"]["alert"]["shoe_size"] = "release"
    (fault,) = faults(agreement)
    assert fault.startswith("clauses[0].items.alert.shoe_size: no such field")


def test_a_treatment_must_suit_its_field(agreement: dict[str, Any]) -> None:
    """A level cannot be generalised to a week; the fault says what would do."""
    agreement["clauses"][0]["items"]["alert"]["level"] = "generalise:week"
    (fault,) = faults(agreement)
    assert "generalise:week does not suit it; mask, release, withhold would" in fault


def test_protected_history_needs_a_consent_condition(agreement: dict[str, Any]) -> None:
    """A clause cannot rely on a consent that it does not ask for."""
    agreement["clauses"][0]["transgender_history"] = "with-consent"
    assert faults(agreement) == (
        "clauses[0].transgender_history: with-consent needs a consent condition",
    )


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("starts", "2026-02-30", "starts: there is no such day"),
        ("review", "2040-01-01", "review: must lie between starts and ends"),
        ("ends", "2020-01-01", "review: must lie between starts and ends"),
    ],
)
def test_dates_exist_and_follow_one_another(
    agreement: dict[str, Any], name: str, value: str, fault: str
) -> None:
    """No agreement ends before it starts or is reviewed after its end."""
    agreement[name] = value
    assert faults(agreement) == (fault,)


def test_a_file_that_is_no_agreement_is_refused_by_name() -> None:
    """The error names the file, and the first line that says nothing an agreement can say."""
    with pytest.raises(AgreementInvalid, match=r"draft\.agreement: line 1, column 1: “{”"):
        parse("draft.agreement", "{")


def test_two_files_of_one_id_are_refused(tmp_path: Path, agreement: dict[str, Any]) -> None:
    """Which of them held would be a matter of luck."""
    for name in ("a.agreement", "b.agreement"):
        (tmp_path / name).write_text(write(agreement))
    with pytest.raises(AgreementInvalid, match=r"b\.agreement: id: cmarac-partnership is taken"):
        load(tmp_path)


def test_a_faulty_file_is_refused(tmp_path: Path, agreement: dict[str, Any]) -> None:
    """Nothing is loaded from a folder with a fault in it."""
    agreement["version"] = 0
    (tmp_path / "a.agreement").write_text(write(agreement))
    with pytest.raises(AgreementInvalid) as caught:
        load(tmp_path)
    assert caught.value.source == "a.agreement"
    assert caught.value.problems == ("line 1, column 1: version: 0 is less than the minimum of 1",)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"\x00" * 100, b"[" * 100_000, b"", "\u2028“".encode()]
)
def test_any_bytes_are_an_agreement_or_a_fault(data: bytes) -> None:
    """A file is left out and reported, whatever is in it."""
    usable, faulty = sift({"odd.agreement": data})
    assert not usable
    assert faulty["odd.agreement"]


def test_days_are_counted_from_1970() -> None:
    """The rules compare whole days."""
    assert epoch_day("1970-01-02") == 1
    assert epoch_day("2026-11-22") == 20_779
