"""Agreements at random, as wide as the schema allows: any text, any name, any list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from policies.agreements.language.sentences import reserved
from policies.agreements.validity import REACHED_AT, tidy
from policies.fields import FIELDS, SUITABLE
from tests.unit.policies.corpus import AGENCIES, ROLES, TYPES

Draw = st.DrawFn

TRICKY = (
    "| a line", "- a point", "Clause 2: no", "On accuracy: none", 'says “so” and "so"',
    "It starts on 1 April 2025.", "ends in a stop.", "Jürgen Orlaith, Größe 中文 🙂", "a  b\t c",
    "one\n\n  two\n| three\n- four", "·" * 120, " ".join(["long words"] * 30), "a: b: c",
)  # fmt: skip
TEXTS = (
    st.one_of(
        st.sampled_from(TRICKY),
        st.text(max_size=300),
        st.lists(st.sampled_from(TRICKY), min_size=2, max_size=4).map("\n".join),
        st.lists(st.sampled_from(["word", "|", "-", "• x", "* y", "x" * 90]), max_size=40).map(
            " ".join
        ),
    )
    .map(lambda text: tidy(text)[:2000].strip())
    .filter(lambda text: bool(text) and tidy(text) == text)
)
IDS = st.one_of(
    st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True).filter(lambda n: len(n) <= 64),
    st.sampled_from(sorted(word for word in reserved() if word.isalpha() and word.isascii())),
)
CODES = st.one_of(
    st.from_regex(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+){0,3}", fullmatch=True),
    st.sampled_from(sorted(word for word in reserved() if word.isalpha() and word.isascii())),
    st.sampled_from((*AGENCIES, *ROLES, *TYPES, "Police", "victim-support", "Housing", "A", "p")),
)


def several(options: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    """Lists of different members."""
    return st.lists(options, min_size=least, max_size=4, unique=True)


def mixed(known: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Lists of codes, some of them in the vocabulary."""
    return several(st.one_of(st.sampled_from(known), CODES))


NAMES = st.one_of(st.just(["*"]), several(CODES, 1))
SCOPES = mixed(("cmarac", "housing", "health", "victim_support", "research", "any"))
STRANDS = mixed(("race", "transgender", "sexual_orientation", "other", "alternative_subculture"))
CATEGORIES = mixed(("witness", "victim", "other", "perpetrator", "reporter"))
DAYS = st.dates().map(lambda day: day.isoformat())
KINDS = st.sampled_from(sorted(FIELDS))


@st.composite
def items(draw: Draw, kind: str) -> dict[str, str]:
    """Fields of a kind of record, each with a treatment that suits it."""
    names = draw(several(st.sampled_from(sorted(FIELDS[kind])), 1))
    return {n: draw(st.sampled_from(sorted(SUITABLE[FIELDS[kind][n].shape]))) for n in names}


@st.composite
def clauses(draw: Draw) -> dict[str, Any]:
    """Clauses with any conditions."""
    consent = draw(SCOPES)
    kinds = draw(several(KINDS, 1))
    return {
        "text": draw(TEXTS),
        "purposes": draw(several(IDS, 1)),
        "recipients": {
            "agencies": draw(NAMES), "agency_types": draw(NAMES), "roles": draw(NAMES)
        },
        "vetting": draw(NAMES),
        "relevant_authority": draw(st.booleans()),
        "justification": draw(st.booleans()),
        "items": {kind: draw(items(kind)) for kind in kinds},
        "relation": draw(st.sampled_from(["any", "own", "tenant"])),
        "entity_kinds": draw(several(st.sampled_from(["person", "place", "none"]), 1)),
        "handling": draw(st.sampled_from([["P"], ["P", "C"], ["C", "P"]])),
        "consent": consent,
        "case_member": draw(st.booleans()),
        "exclude": {
            "subject_categories": draw(CATEGORIES),
            "strands": draw(STRANDS),
            "recording_regimes": draw(several(CODES)),
            "children": draw(st.booleans()),
        },
        "emergency_lifts": draw(several(st.sampled_from(["consent", "case_member"]))),
        "transgender_history": (
            draw(st.sampled_from(["denied", "with-consent"])) if consent else "denied"
        ),
    }  # fmt: skip


@st.composite
def some_of(draw: Draw, parts: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Any of the parts, or none."""
    return {name: draw(values) for name, values in parts.items() if draw(st.booleans())}


FACTS: dict[str, st.SearchStrategy[Any]] = {
    "id": CODES,
    "status": st.sampled_from(["current", "withdrawn"]),
    "entity_kind": st.sampled_from(["person", "place", "none"]),
    "originators": several(CODES),
    "tenant_of": several(CODES),
    "authors": several(CODES),
    "subject_categories": CATEGORIES,
    "strands_present": STRANDS,
    "victim_wishes": mixed(("no_police", "anonymous", "no_contact")),
    "recording_regimes": several(CODES),
    "gsc": st.sampled_from(["OFFICIAL", "OFFICIAL-SENSITIVE"]),
    "handling": st.sampled_from(["P", "C"]),
    "consent": st.fixed_dictionaries(
        {
            "state": st.sampled_from(
                ["given", "refused", "withdrawn", "not_asked", "not_safe_to_ask"]
            ),
            "scope": SCOPES,
        }
    ),
    **{
        name: st.booleans()
        for name in (
            "exists", "special_category", "child", "non_crime", "about_subject",
            "contains_possible_links", "case_member",
        )
    },
}  # fmt: skip
ASKING: dict[str, st.SearchStrategy[Any]] = {
    "agency": CODES,
    "agency_type": CODES,
    "role": CODES,
    "vetting": CODES,
    "purpose": IDS,
    "justification": st.booleans(),
    "emergency": st.booleans(),
    "second_approver": st.booleans(),
    "on": DAYS,
}


@st.composite
def examples(draw: Draw) -> dict[str, Any]:
    """Example cases."""
    kind = draw(KINDS)
    permit = draw(st.booleans())
    expected = draw(items(kind)) if permit and draw(st.booleans()) else {}
    return {
        "name": draw(TEXTS),
        "given": {"kind": kind, **draw(some_of(FACTS))},
        "when": draw(some_of(ASKING)),
        "then": {
            "permit": permit,
            "fields": {n: t for n, t in expected.items() if t != "withhold"},
            "withheld": [n for n, t in expected.items() if t == "withhold"],
        },
    }


@st.composite
def agreements(draw: Draw) -> dict[str, Any]:
    """Whole agreements."""
    starts, review, ends = sorted(draw(st.tuples(DAYS, DAYS, DAYS)))
    texts = st.lists(TEXTS, max_size=3)
    governance = (
        "accuracy", "security", "breach", "complaints", "rights", "deletion", "termination"
    )  # fmt: skip
    roles = TEXTS.filter(lambda text: REACHED_AT not in text)
    return {
        "id": draw(IDS),
        "version": draw(st.integers(1, 999_999_999)),
        "title": draw(TEXTS),
        "status": draw(st.sampled_from(["draft", "tested", "approved", "live", "withdrawn"])),
        "starts": starts,
        "review": review,
        "ends": ends,
        "parties": draw(st.lists(TEXTS, min_size=1, max_size=3)),
        "controllers": draw(TEXTS),
        "purpose": draw(TEXTS),
        "gateway": draw(TEXTS),
        "article_6": draw(several(st.sampled_from(["a", "b", "c", "d", "e", "ea", "f"]))),
        "article_9": draw(texts),
        "schedule_8": draw(texts),
        "governance": {name: draw(TEXTS) for name in governance},
        "retention_days": draw(st.integers(1, 36_600)),
        "onward_sharing": draw(st.sampled_from(["never", "with-originator-consent"])),
        "contacts": draw(
            st.lists(st.fixed_dictionaries({"role": roles, "reach": TEXTS}), min_size=1, max_size=2)
        ),
        "clauses": draw(st.lists(clauses(), min_size=1, max_size=3)),
        "examples": draw(st.lists(examples(), max_size=2)),
    }
