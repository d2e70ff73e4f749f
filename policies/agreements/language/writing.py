"""From agreement to text, in one way only: what `read` gives is written as it was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import fill
from types import MappingProxyType
from typing import Any, Final

from policies.agreements.language import words
from policies.agreements.language.examples import asking, expecting, facts
from policies.agreements.language.layout import LEADS, LISTS, WIDTH, wrapped
from policies.agreements.language.saying import agency_type, coded, listing, quoted, role, say_days
from policies.agreements.language.words import GIVEN
from policies.agreements.validity import REACHED_AT, Agreement
from policies.fields import FIELDS, TREATMENTS

RELATIONS: Final = MappingProxyType(
    {
        "own": "It covers only records that came from their own agency.",
        "tenant": "It covers only records about tenants of their own agency.",
    }
)
REQUIRED: Final = MappingProxyType(
    {
        "relevant_authority": "Their agency must be a relevant authority under section 115 of the "
        "Crime and Disorder Act 1998.",
        "justification": "They must give a justification.",
        "case_member": "They must be a member of the case.",
    }
)
"""Conditions that a clause makes or does not make."""


def write(agreement: Agreement) -> str:
    """Write a valid agreement as its canonical text. Its status is not part of it."""
    blocks = [
        *_header(agreement),
        *(
            "\n".join(
                [free(f"Clause {number}", clause["text"]), *map(filled, clause_sentences(clause))]
            )
            for number, clause in enumerate(agreement["clauses"], 1)
        ),
        *(
            "\n".join([free(f"Example {number}", one["name"]), filled(example_sentence(one))])
            for number, one in enumerate(agreement.get("examples", []), 1)
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def free(lead: str, text: str) -> str:
    """Write a text that an officer worded after its lead-in."""
    return wrapped(f"{lead}: {text}")


def points(lead: str, texts: Iterable[str]) -> str:
    """Write a list of such texts."""
    return "\n".join([f"{lead}:", *(wrapped(f"- {text}") for text in texts)])


def filled(sentence: str) -> str:
    """Break a sentence into lines of the page."""
    return fill(
        sentence, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _header(agreement: Agreement) -> Iterator[str]:
    number, name = int(agreement["version"]), quoted(agreement["id"])
    yield "\n".join(
        [
            f"This is version {number} of the agreement {name}.",
            free(LEADS["title"], agreement["title"]),
            filled(
                f"It starts on {words.say_date(agreement['starts'])}, is to be reviewed by "
                f"{words.say_date(agreement['review'])} and ends on "
                f"{words.say_date(agreement['ends'])}."
            ),
        ]
    )
    yield points(LISTS["parties"], agreement["parties"])
    yield "\n".join(free(LEADS[one], agreement[one]) for one in ("purpose", "controllers"))
    yield "\n".join([free(LEADS["gateway"], agreement["gateway"]), *_basis(agreement)])
    governance = [one for one in LEADS if one.startswith("governance.")]
    yield "\n".join(free(LEADS[g], agreement["governance"][g.split(".")[1]]) for g in governance)
    onward = (
        "Recipients never pass it on."
        if agreement["onward_sharing"] == "never"
        else "Recipients pass it on only with the consent of the agency it came from."
    )
    kept = say_days(int(agreement["retention_days"]))
    yield f"Recipients keep what they receive for {kept} and then delete it.\n{onward}"
    yield points(
        LISTS["contacts"],
        (f"{one['role']}{REACHED_AT} {one['reach']}" for one in agreement["contacts"]),
    )


def _basis(agreement: Agreement) -> Iterator[str]:
    bases = [words.ARTICLE_6.said[one] for one in agreement["article_6"]]
    if not bases:
        yield "No lawful basis under Article 6 of the UK GDPR is stated."
    else:
        said = "basis" if len(bases) == 1 else "bases"
        verb = "is" if len(bases) == 1 else "are"
        listed = listing(bases, "and")
        yield filled(f"The lawful {said} under Article 6 of the UK GDPR {verb} {listed}.")
    for name, law in (
        ("article_9", "Article 9 of the UK GDPR"),
        ("schedule_8", "Schedule 8 to the Data Protection Act 2018"),
    ):
        if agreement[name]:
            yield points(LISTS[name], agreement[name])
        else:
            yield f"No condition under {law} is stated."


def clause_sentences(clause: Mapping[str, Any]) -> Iterator[str]:
    """Say a clause, sentence by sentence, without its heading."""
    yield _who(clause)
    for kind in (kind for kind in FIELDS if kind in clause["items"]):
        yield from _items(kind, clause["items"][kind])
    entities = listing(coded(clause["entity_kinds"], words.ENTITY_KINDS), "or")
    codes = "code" if len(clause["handling"]) == 1 else "codes"
    handling = listing(clause["handling"], "or")
    yield f"It covers records about {entities}, with handling {codes} {handling}."
    yield from _conditions(clause)
    yield from _exclusions(clause["exclude"])
    yield from _history(clause)


def _who(clause: Mapping[str, Any]) -> str:
    named = clause["recipients"]
    purposes = [quoted(one) for one in clause["purposes"]]
    roles = "anyone"
    if named["roles"] != ["*"]:
        roles = listing([role(one) for one in named["roles"]], "or")
    plural = "purpose" if len(purposes) == 1 else "purposes"
    return (
        f"For the {plural} of {listing(purposes, 'and')}, {roles} at {_places(named)} "
        "may receive what follows."
    )


def _places(named: Mapping[str, Any]) -> str:
    everywhere = named["agency_types"] == ["*"]
    types = "" if everywhere else listing([agency_type(t) for t in named["agency_types"]], "or")
    if named["agencies"] == ["*"]:
        return types or "any agency"
    agencies = listing([quoted(one) for one in named["agencies"]], "or")
    return f"{agencies}, being {types}," if types else agencies


def _items(kind: str, items: Mapping[str, str]) -> Iterator[str]:
    said = words.fields(kind).said
    for treatment in reversed(TREATMENTS):
        names = [said[name] for name in FIELDS[kind] if items.get(name) == treatment]
        if names:
            how = (
                "do not receive" if treatment == "withhold" else f"receive {GIVEN.said[treatment]}"
            )
            yield f"Of {words.KINDS.said[kind]} they {how}: {listing(names, 'and')}."


def _conditions(clause: Mapping[str, Any]) -> Iterator[str]:
    if clause["relation"] != "any":
        yield RELATIONS[clause["relation"]]
    if clause["vetting"] != ["*"]:
        held = listing([quoted(one) for one in clause["vetting"]], "or")
        yield f"They must hold the vetting {held}."
    yield from (said for name, said in REQUIRED.items() if clause[name] and name != "case_member")
    if clause["consent"]:
        scopes = listing(coded(clause["consent"], words.CONSENT_SCOPES), "or")
        yield f"Consent must be recorded for {scopes}."
    if clause["case_member"]:
        yield REQUIRED["case_member"]
    if clause["emergency_lifts"]:
        lifted = listing([words.LIFTED.said[one] for one in clause["emergency_lifts"]], "and")
        verb = "is" if len(clause["emergency_lifts"]) == 1 else "are"
        yield f"In an emergency that a second approver confirms, {lifted} {verb} not required."


def _exclusions(exclude: Mapping[str, Any]) -> Iterator[str]:
    for name, one, several, table in (
        ("subject_categories", "with data subjects in the category",
         "with data subjects in the categories", words.CATEGORIES),
        ("strands", "with the strand", "with the strands", words.STRANDS),
        ("recording_regimes", "under the recording regime", "under the recording regimes", None),
    ):  # fmt: skip
        codes = exclude[name]
        if codes:
            said = coded(codes, table) if table else [quoted(code) for code in codes]
            yield (
                f"It leaves out records {one if len(codes) == 1 else several} "
                f"{listing(said, 'or')}."
            )
    if exclude["children"]:
        yield "It leaves out records about children."


def _history(clause: Mapping[str, Any]) -> Iterator[str]:
    if clause["transgender_history"] == "with-consent":
        yield "Transgender history may be shown where that consent is recorded."
    elif any(FIELDS[kind][name].about for kind, items in clause["items"].items() for name in items):
        yield "Transgender history is never shown."


def example_sentence(example: Mapping[str, Any]) -> str:
    """Say an example in one sentence."""
    given, when, then = example["given"], example["when"], example["then"]
    return f"Given {facts(given)}, when {asking(when)}, then {expecting(then, given['kind'])}."
