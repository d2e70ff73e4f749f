"""Who sees which field: a row for each field, a column for each class of askers.

A cell lists what the clauses offer, the most open first, each with its conditions; an offer that
another one outdoes under no more conditions is left out. Writing it down is for `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.agreements import Agreement
from policies.examination.askers import AskerClass, classes, names, together
from policies.examination.conditions import said
from policies.examination.words import TREATED, field_name
from policies.fields import FIELDS, TREATMENTS


@dataclass(frozen=True, slots=True)
class Offer:
    """What one clause lets go of one field. `clause` counts from 1."""

    treatment: str
    conditions: tuple[str, ...]
    agreement: str
    clause: int

    def said(self) -> str:
        """Say it: "to the week, if about its own tenants"."""
        conditions = f", if {'; '.join(self.conditions)}" if self.conditions else ""
        return f"{TREATED[self.treatment]}{conditions}"


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one kind of record, with a cell for each column."""

    kind: str
    field: str
    data_class: str
    cells: tuple[tuple[Offer, ...], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole table."""

    title: str
    columns: tuple[AskerClass, ...]
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return {
            "title": self.title,
            "columns": [_column(one) for one in self.columns],
            "rows": [
                {
                    "kind": row.kind,
                    "field": row.field,
                    "name": field_name(row.field),
                    "class": row.data_class,
                    "cells": [[_offer(one) for one in cell] for cell in row.cells],
                }
                for row in self.rows
            ],
        }


def matrix(agreements: Iterable[Agreement]) -> Matrix:
    """Make the table of one or more agreements, as if all were live."""
    listed = list(agreements)
    clauses = [clause for one in listed for clause in one["clauses"]]
    rows = [(kind, name) for kind in _kinds(clauses) for name in _fields(clauses, kind)]
    alike: dict[tuple[Any, ...], list[AskerClass]] = {}
    for one in classes(clauses):
        cells = tuple(tuple(_offers(listed, one, kind, name)) for kind, name in rows)
        alike.setdefault((one.purpose, cells), []).append(one)
    columns = sorted(
        (one, cells) for (_, cells), several in alike.items() for one in together(several, clauses)
    )
    return Matrix(
        ", ".join(one["title"] for one in listed),
        tuple(one for one, _ in columns),
        tuple(
            Row(kind, name, _class(kind, name), tuple(cells[place] for _, cells in columns))
            for place, (kind, name) in enumerate(rows)
        ),
    )


def kept(offers: Iterable[Offer]) -> list[Offer]:
    """Drop what another offer outdoes under no more conditions; the most open first."""
    ranked = sorted(offers, key=lambda one: (-TREATMENTS.index(one.treatment), one.conditions))
    found: list[Offer] = []
    for one in ranked:
        if not any(set(other.conditions) <= set(one.conditions) for other in found):
            found.append(one)
    return found


def _offers(
    agreements: Sequence[Agreement], asker: AskerClass, kind: str, name: str
) -> Iterable[Offer]:
    def all_offers() -> Iterator[Offer]:
        for agreement in agreements:
            for number, clause in enumerate(agreement["clauses"], 1):
                treatment = clause["items"].get(kind, {}).get(name, "withhold")
                if treatment != "withhold" and names(clause, asker):
                    conditions = said(clause, kind, name)
                    yield Offer(treatment, conditions, agreement["id"], number)

    return kept(all_offers())


def _kinds(clauses: Iterable[Mapping[str, Any]]) -> list[str]:
    mentioned = {kind for clause in clauses for kind in clause["items"]}
    return [kind for kind in FIELDS if kind in mentioned]


def _fields(clauses: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    mentioned = {name for clause in clauses for name in clause["items"].get(kind, ())}
    return [name for name in FIELDS[kind] if name in mentioned]


def _class(kind: str, name: str) -> str:
    return FIELDS[kind][name].data_class


def _column(one: AskerClass) -> dict[str, Any]:
    return {
        "said": one.said(),
        "purpose": one.purpose,
        "agency_types": list(one.agency_types),
        "roles": list(one.roles),
        "agencies": list(one.agencies),
    }


def _offer(one: Offer) -> dict[str, Any]:
    return {
        "treatment": one.treatment,
        "said": one.said(),
        "conditions": list(one.conditions),
        "agreement": one.agreement,
        "clause": one.clause,
    }
