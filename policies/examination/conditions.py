"""The conditions of a clause in a few words each, as they stand in a cell of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.examination.words import code_name, one_of
from policies.fields import FIELDS

Clause = Mapping[str, Any]

_RELATIONS: Final = {"own": "its own records", "tenant": "about its own tenants"}
_ENTITIES: Final = {"person": "a person", "place": "a place", "none": "no one in particular"}


def on_asker(clause: Clause, *, emergency: bool = False) -> tuple[str, ...]:
    """Say what the asker has to be or to do. In an emergency some of it is set aside."""
    return tuple(_on_asker(clause, emergency=emergency))


def on_record(clause: Clause, kind: str, name: str) -> tuple[str, ...]:
    """Say what the record has to be, for a field of a kind."""
    return tuple(_on_record(clause, kind, name))


def said(clause: Clause, kind: str, name: str) -> tuple[str, ...]:
    """Say every condition."""
    lifted = [_LIFTED[condition] for condition in clause["emergency_lifts"]]
    aside = (f"in an emergency with a second approver also {one_of(lifted)}",) if lifted else ()
    return (*on_asker(clause), *on_record(clause, kind, name), *aside)


_LIFTED: Final = {"consent": "without consent", "case_member": "without case membership"}


def _on_asker(clause: Clause, *, emergency: bool) -> Iterator[str]:
    if "*" not in clause["vetting"]:
        yield f"vetted {one_of(clause['vetting'])}"
    if clause["relevant_authority"]:
        yield "a relevant authority"
    if clause["justification"]:
        yield "with a justification"
    if clause["case_member"] and not (emergency and "case_member" in clause["emergency_lifts"]):
        yield "a member of the case"
    if emergency:
        yield "in an emergency with a second approver"


def _on_record(clause: Clause, kind: str, name: str) -> Iterator[str]:
    if clause["consent"]:
        scopes = one_of(code_name("scope", scope) for scope in clause["consent"])
        yield f"consent recorded to {scopes}"
    if clause["relation"] != "any":
        yield _RELATIONS[clause["relation"]]
    if len(clause["entity_kinds"]) < len(_ENTITIES):
        yield f"about {one_of(_ENTITIES[one] for one in clause['entity_kinds'])}"
    if len(clause["handling"]) == 1:
        yield f"handling code {clause['handling'][0]}"
    yield from _exclusions(clause["exclude"])
    field = FIELDS.get(kind, {}).get(name)
    if field is not None and field.about in {"victim", "anyone"}:
        agreed = clause["transgender_history"] == "with-consent"
        yield "not beside a transgender strand" + (" unless consent is recorded" if agreed else "")


def _exclusions(exclude: Mapping[str, Any]) -> Iterator[str]:
    for table, listed in (
        ("category", exclude["subject_categories"]),
        ("strand", exclude["strands"]),
        ("regime", exclude["recording_regimes"]),
    ):
        if listed:
            yield f"not {one_of(code_name(table, code) for code in listed)}"
    if exclude["children"]:
        yield "no child"
