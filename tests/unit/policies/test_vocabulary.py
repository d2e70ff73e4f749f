"""Codes mean the same in Rego, Python, the agreements' schema and the records."""

from __future__ import annotations

import json
import re
from importlib import resources

from policies.agreements import load
from policies.bundle import build
from policies.decision_input import schema
from policies.fields import FIELDS, SUITABLE, TREATMENTS, policy_data
from policies.reasons import REASONS, public, sentence
from schemas import codec
from schemas.vocabulary import VOCABULARY

OF_THE_GATE = {"malformed-input", "record-not-available"}


def rules(*names: str) -> str:
    """Give the text of some rule files."""
    modules = build().modules
    return "\n".join(modules[name] for name in names)


def test_every_reason_in_the_rules_has_a_sentence_and_the_other_way_round() -> None:
    """No code without words, no words without a code."""
    text = rules("asker.rego", "grounds.rego", "denials.rego", "decision.rego")
    used = set(re.findall(r'"code": "([a-z-]+)"', text))
    used |= set(re.findall(r'(?:reasons|denials|codes|lifted) contains "([a-z-]+)"', text))
    used |= set(re.findall(r'\{"([a-z]+-[a-z-]+)"\}', text))
    assert used | OF_THE_GATE == set(REASONS)


def test_reasons_that_read_the_record_are_not_public() -> None:
    """What the asker may be told comes from the rules about askers alone."""
    text = rules("asker.rego")
    about_askers = set(re.findall(r'"code": "([a-z-]+)"', text))
    about_askers |= set(re.findall(r'(?:reasons|denials) contains "([a-z-]+)"', text))
    from_permits = {c for c in REASONS if c.startswith(("emergency-", "agreement-permits"))}
    assert {c for c, r in REASONS.items() if r.public} == about_askers | OF_THE_GATE | from_permits


def test_rules_about_askers_read_nothing_of_the_record_but_its_kind() -> None:
    """So a refusal of an asker cannot depend on what the store holds."""
    assert set(re.findall(r"input\.record\.(\w+)", rules("asker.rego"))) == {"kind"}


def test_an_unknown_code_is_neither_public_nor_put_in_words() -> None:
    """It stays what it is."""
    assert sentence("agreement-permits") == "An agreement in force permits this release."
    assert sentence("nonsense") == "nonsense"
    assert public(("no-agreement",))
    assert not public(("no-agreement", "nonsense"))
    assert not public(("no-such-record",))


def test_treatments_of_schema_and_table_are_the_same() -> None:
    """An officer can write exactly the treatments that the gate knows."""
    text = resources.files("policies").joinpath("agreement.schema.json").read_text("utf-8")
    assert tuple(json.loads(text)["$defs"]["treatment"]["enum"]) == TREATMENTS
    assert set().union(*SUITABLE.values()) == set(TREATMENTS)


def test_kinds_of_table_and_decision_input_are_the_same() -> None:
    """There is no kind that could be asked for and not released, or the other way round."""
    kinds = schema()["properties"]["record"]["properties"]["kind"]["enum"]
    assert set(kinds) == set(FIELDS)


def test_fields_that_are_not_sealed_come_from_the_records() -> None:
    """The table names no field that a record does not have."""
    derived = {
        "victim_consent", "victim_wishes", "occurred_from", "occurred_to", "occurred_precision",
    }  # fmt: skip
    for kind, record in (
        ("alert", "alert.v1"), ("incident", "hub-incident.v1"),
        ("signal", "tension-signal.v1"), ("receipt", "receipt.v1"),
    ):  # fmt: skip
        own = {field["name"] for field in json.loads(codec.schema_text(record))["fields"]}
        clear = {name for name, field in FIELDS[kind].items() if field.source == "clear"}
        assert clear <= own | derived


def test_what_tells_who_somebody_is_is_marked() -> None:
    """Every field from a sealed identity is a victim's, a suspect's, or anyone's."""
    for kind, table in FIELDS.items():
        for name, field in table.items():
            assert (field.source == "identity") <= (field.about is not None)
            if field.about:
                marked = policy_data()[kind]
                assert name in {*marked["victim_identity"], *marked["subject"]}


def test_wishes_and_codes_of_the_rules_are_in_the_vocabulary() -> None:
    """A misspelt wish would never be respected."""
    text = rules("denials.rego", "fields.rego", "obligations.rego")
    wishes = set(re.findall(r'"(\w+)" in input\.record\.victim_wishes', text))
    assert wishes
    assert wishes <= VOCABULARY["victim_wish"]
    record = schema()["properties"]["record"]["properties"]
    assert set(record["consent"]["properties"]["state"]["enum"]) == VOCABULARY["consent_state"]
    assert set(record["gsc"]["enum"]) == VOCABULARY["gsc"]
    assert set(record["handling"]["enum"]) == VOCABULARY["handling"]


def test_agreements_speak_the_vocabulary() -> None:
    """Agency types and consent scopes of the agreements exist."""
    for agreement in load():
        for clause in agreement["clauses"]:
            types = set(clause["recipients"]["agency_types"]) - {"*"}
            assert types <= VOCABULARY["agency_type"]
            assert set(clause["consent"]) <= VOCABULARY["consent_scope"]
            assert set(clause["exclude"]["strands"]) <= VOCABULARY["strand"]


def test_an_id_matters_only_to_case_membership() -> None:
    """The gate asks once for records of equal facts; that holds only as long as this does."""
    text = rules(*build().modules)
    lines = [line.strip() for line in text.splitlines() if "input.record.id" in line]
    assert lines == ["input.record.id in input.requester.case_membership"]
