"""The contents that the Information Commissioner's data sharing code lists, against an agreement.

`faults` asks whether an agreement can be used; this asks whether a regulator would find in it what
an agreement should say. What is missing or thin is told with the sentence that would mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from policies.agreements.language.layout import LEADS
from policies.agreements.language.unread import unread
from policies.agreements.validity import Agreement
from policies.fields import FIELDS

THIN: Final = 5
"""Words that a text about governance has at least, if it says anything."""
REVIEWED: Final = 366 * 2
"""Days within which an agreement is reviewed."""
GOVERNED: Final = {
    "accuracy": "who corrects a record, and how recipients learn of it",
    "security": "how the information is protected on its way and where it is kept",
    "breach": "who tells whom of a breach, within how many hours",
    "complaints": "to whom a person complains, and when an answer comes",
    "rights": "which party answers requests for access, rectification and erasure",
    "deletion": "when recipients delete, and how they confirm it",
    "termination": "how a party leaves, and what becomes of what was shared",
}
"""What each text on governance should tell."""
_PLACEHOLDER: Final = re.compile(r"\b(tbc|tbd|todo|lorem|xxx+)\b|^[\s.…?*_-]*$", re.IGNORECASE)
_NONE: Final = re.compile(r"^\s*none\b", re.IGNORECASE)


def missing(agreement: Agreement) -> tuple[str, ...]:
    """List what is missing or thin, one line each; empty if all of the contents list is there."""
    return tuple(line for check in CHECKS for line in check(agreement))


def _thin(text: str, least: int = 1) -> bool:
    return bool(_PLACEHOLDER.search(text)) or len(text.split()) < least


def _purpose(agreement: Agreement) -> Iterator[str]:
    if _thin(agreement["purpose"], THIN):
        yield (
            "Purpose: it does not say what the sharing is for and what good it does. "
            f"Say: “{LEADS['purpose']}: To reduce the risk of … by ….”"
        )


def _organisations(agreement: Agreement) -> Iterator[str]:
    if len(agreement["parties"]) < 2 or any(_thin(party) for party in agreement["parties"]):
        yield (
            "Organisations: an agreement names at least two parties, those that give and those "
            "that receive. Add a point below “The parties are:”, as “- District councils of …”."
        )


def _controllers(agreement: Agreement) -> Iterator[str]:
    text = agreement["controllers"]
    if _thin(text, THIN) or not re.search(r"controller|processor", text, re.IGNORECASE):
        yield (
            "Controllers: it does not say who is controller, joint controller or processor. Say: "
            f"“{LEADS['controllers']}: Each party is a separate controller of what it receives.”"
        )


def _lawful(agreement: Agreement) -> Iterator[str]:
    if _thin(agreement["gateway"]):
        yield (
            "Legal power: it does not name the law that allows the sharing. Say: "
            f"“{LEADS['gateway']}: Crime and Disorder Act 1998 s.115”"
        )
    if not agreement["article_6"]:
        yield (
            "Lawful basis: none is stated. Say: “The lawful basis under Article 6 of the UK GDPR "
            "is (e) public task.”"
        )


def _special(agreement: Agreement) -> Iterator[str]:
    given = sensitive(agreement)
    if not given:
        return
    shared = f"{given[0]} and {len(given) - 1} more" if len(given) > 1 else given[0]
    for name, law, say in (
        ("article_9", "Article 9", "- (g) substantial public interest, Schedule 1 paragraphs …"),
        ("schedule_8", "Schedule 8", "- statutory purposes"),
    ):
        stated = [text for text in agreement[name] if not _NONE.match(text) and not _thin(text)]
        explained = name == "schedule_8" and any(len(t.split()) > 1 for t in agreement[name])
        if not stated and not explained:
            yield (
                f"Special category data: clauses release {shared}, but no condition under {law} "
                f"is stated. Add a point below its list, as “{say}”."
            )


def sensitive(agreement: Agreement) -> tuple[str, ...]:
    """Fields of special categories that clauses let go of persons' records, by kind and name."""
    return tuple(
        sorted(
            {
                f"{name.replace('_', ' ')} of {kind}s"
                for clause in agreement["clauses"]
                if "person" in clause["entity_kinds"]
                for kind, items in clause["items"].items()
                for name, treatment in items.items()
                if treatment not in {"withhold", "mask"}
                and FIELDS[kind][name].data_class == "special"
            }
        )
    )


def _governance(agreement: Agreement) -> Iterator[str]:
    for name, content in GOVERNED.items():
        if _thin(agreement["governance"][name], THIN):
            lead = LEADS[f"governance.{name}"]
            yield f"Governance: “{lead}” is thin. Say {content}: “{lead}: ….”"


def _review(agreement: Agreement) -> Iterator[str]:
    starts, review, ends = (
        date.fromisoformat(agreement[name]) for name in ("starts", "review", "ends")
    )
    if (review - starts).days > REVIEWED:
        yield (
            f"Review: the first review is {(review - starts).days // 30} months after the start. "
            "The code expects a regular one, within two years: “is to be reviewed by …”."
        )
    if review == ends and (ends - starts).days > REVIEWED:
        yield "Review: it falls on the last day, when nothing is left to do. Name an earlier one."


def _contacts(agreement: Agreement) -> Iterator[str]:
    for number, contact in enumerate(agreement["contacts"], 1):
        if _thin(contact["role"]) or not re.search(r"@|[0-9]{5}|https?:", contact["reach"]):
            yield (
                f"Contacts: number {number} cannot be reached as written. Say: “- Data protection "
                "officer of …, reached at: name@…”"
            )


def _data_items(agreement: Agreement) -> Iterator[str]:
    for number, clause in enumerate(agreement["clauses"], 1):
        anyone = clause["recipients"]
        everybody = all(anyone[name] == ["*"] for name in ("agencies", "agency_types", "roles"))
        if everybody and identifying(clause):
            yield (
                f"Data items: clause {number} lets anyone at any agency know who a person is. Name "
                "roles and agencies: “…, a … at … may receive what follows.”"
            )
        if identifying(clause) and not clause["justification"]:
            yield (
                f"Access: clause {number} tells who a person is and asks for no reason. Say: "
                "“They must give a justification.”"
            )


def _headings(agreement: Agreement) -> Iterator[str]:
    for number, clause in enumerate(agreement["clauses"], 1):
        for sentence in unread(clause):
            yield (
                f"Data items: the heading of clause {number} has “{sentence}”, and no sentence of "
                "the clause says so. A heading decides nothing: write it on a line of its own "
                "below the heading, without spaces before it."
            )


def identifying(clause: Mapping[str, Any]) -> bool:
    """Tell whether a clause lets go of a field that tells who a person is."""
    return any(
        FIELDS[kind][name].source == "identity" and treatment in {"release", "generalise:initials"}
        for kind, items in clause["items"].items()
        for name, treatment in items.items()
    )


def _tried(agreement: Agreement) -> Iterator[str]:
    examples = agreement.get("examples", [])
    permits = {example["then"]["permit"] for example in examples}
    if permits != {True, False}:
        lacking = "no example" if not permits else "only one side in its examples"
        yield (
            f"Examples: the agreement has {lacking}. Add one that is permitted and one that is "
            "refused: “Given …, when … asks for …, then it is refused.”"
        )


CHECKS: Final[tuple[Callable[[Agreement], Iterator[str]], ...]] = (
    _purpose, _organisations, _controllers, _data_items, _headings, _lawful, _special, _governance,
    _review, _contacts, _tried,
)  # fmt: skip
"""The contents list in its order."""
