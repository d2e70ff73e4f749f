"""How an example is said: what is given of a record, who asks, and what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from policies.agreements.language import words
from policies.agreements.language.saying import agency_type, coded, listing, quoted, role
from policies.agreements.language.words import OUTCOMES, Phrases
from policies.fields import FIELDS, TREATMENTS

NAMES: Final = Phrases({})
LISTED: Final[Mapping[str, tuple[str, str, Phrases]]] = MappingProxyType(
    {
        "originators": ("from", "from no agency", NAMES),
        "tenant_of": ("about a tenant of", "about a tenant of no agency", NAMES),
        "subject_categories": (
            "with data subjects in the category",
            "with data subjects in no category",
            words.CATEGORIES,
        ),
        "strands_present": ("with the strand", "with no strand", words.STRANDS),
        "victim_wishes": ("with the wish", "with no wish", words.WISHES),
        "recording_regimes": ("under the recording regime", "under no recording regime", NAMES),
    }
)
"""Facts that are lists: how one with members begins, how an empty one is said, its table."""
WHETHER: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "exists": ("that exists", "that does not exist"),
        "child": ("about a child", "about no child"),
        "special_category": ("with special category data", "without special category data"),
        "non_crime": ("that is no crime", "that is a crime"),
        "about_subject": ("that tells who a suspect is", "that does not tell who a suspect is"),
        "contains_possible_links": ("with possible links", "without possible links"),
        "case_member": (
            "of a case that the asker is a member of",
            "of no case that the asker is a member of",
        ),
        "justification": ("with a justification", "without a justification"),
        "emergency": ("in an emergency", "outside an emergency"),
        "second_approver": ("with a second approver", "without a second approver"),
    }
)
"""Facts that hold or do not, and how either is said."""
ORDER: Final = (
    "id", "entity_kind", "exists", "status", "originators", "tenant_of", "consent",
    "victim_wishes", "subject_categories", "child", "strands_present", "special_category",
    "gsc", "handling", "recording_regimes", "non_crime", "about_subject",
    "contains_possible_links", "case_member",
)  # fmt: skip
"""The order in which facts of a record are said."""


def facts(given: Mapping[str, Any]) -> str:
    """Say what is given of a record."""
    said = [_fact(name, given[name]) for name in ORDER if name in given]
    return " ".join([words.KINDS.said[given["kind"]], ", ".join(said)]).strip()


def _fact(name: str, value: Any) -> str:
    if name in LISTED:
        begin, empty, table = LISTED[name]
        return f"{begin} {' and '.join(coded(value, table))}" if value else empty
    if name in WHETHER:
        return WHETHER[name][not value]
    if name == "consent":
        scope = " and ".join(coded(value["scope"], words.CONSENT_SCOPES))
        state = words.CONSENT_STATES.said[value["state"]]
        return f"with consent {state} for {scope}" if scope else f"with consent {state}"
    return {
        "entity_kind": lambda: f"about {words.ENTITY_KINDS.said[value]}",
        "status": lambda: f"that is {value}",
        "gsc": lambda: f"marked {value}",
        "handling": lambda: f"with handling code {value}",
        "id": lambda: f"with the identifier {quoted(value)}",
    }[name]()


def asking(when: Mapping[str, Any]) -> str:
    """Say who asks, and how."""
    parts = [role(when["role"]) if "role" in when else "someone"]
    if "agency" in when:
        parts.append(f"of {quoted(when['agency'])}")
    if "agency_type" in when:
        parts.append(f"at {agency_type(when['agency_type'])}")
    if "vetting" in when:
        parts.append(f"with the vetting {quoted(when['vetting'])}")
    parts.append("asks")
    if "purpose" in when:
        parts.append(f"for {quoted(when['purpose'])}")
    if "on" in when:
        parts.append(f"on {words.say_date(when['on'])}")
    terms = ("justification", "emergency", "second_approver")
    parts += [WHETHER[name][not when[name]] for name in terms if name in when]
    return " ".join(parts)


def expecting(then: Mapping[str, Any], kind: str) -> str:
    """Say what is expected."""
    verdict = "it is permitted" if then["permit"] else "it is refused"
    return "; ".join([verdict, *_outcomes(then, kind)])


def _outcomes(then: Mapping[str, Any], kind: str) -> Iterator[str]:
    for treatment in reversed(TREATMENTS):
        names = [name for name in FIELDS[kind] if then["fields"].get(name) == treatment]
        if names:
            yield _outcome(names, treatment, kind)
    if then["withheld"]:
        yield _outcome(then["withheld"], "withhold", kind)


def _outcome(names: Sequence[str], treatment: str, kind: str) -> str:
    said = listing([words.fields(kind).said[name] for name in names], "and")
    return f"{said} {'is' if len(names) == 1 else 'are'} {OUTCOMES.said[treatment]}"
