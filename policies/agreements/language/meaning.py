"""What a sentence says: from its tree to parts of an agreement, each with the path it fills.

A part is written once. Paths are relative to the agreement's header, the clause or the example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lark import Token, Tree

from policies.agreements.language import words as vocabulary
from policies.agreements.validity import unsuitable

SMALL: Final = re.compile(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*")
SMALL_RULE: Final = "is not a name of small letters, digits and hyphens, at most 64 of them"
MONTH: Final = 30
YEAR: Final = 365
Said = tuple[str, Any]
"""A path, and what the sentence says it is."""


class Unfit(Exception):
    """A word that the grammar allows, but not with the rest of its sentence."""

    def __init__(self, token: Token, message: str) -> None:
        """`token` is the word."""
        super().__init__(message)
        self.line = token.line or 1
        self.column = token.column or 1


def meaning(tree: Tree[Token]) -> list[Said]:
    """Give what one sentence says. Raises Unfit for a field or a day that cannot be."""
    for token in tokens(tree):
        if token.type == "DATE" and not vocabulary.is_day(token.value):
            raise Unfit(token, "there is no such day")
    if tree.data == "example":
        return list(_example(tree))
    (sentence,) = branches(tree)
    return list(_RULES[sentence.data](sentence))


def tokens(tree: Tree[Token], *types: str) -> list[Token]:
    """The tokens below a tree in order, of some types or all."""
    return [
        node
        for node in tree.scan_values(lambda value: isinstance(value, Token))
        if not types or node.type in types
    ]


def branches(tree: Tree[Token]) -> list[Tree[Token]]:
    """The trees right below a tree."""
    return [node for node in tree.children if isinstance(node, Tree)]


def _values(tree: Tree[Token], *types: str) -> list[str]:
    found = tokens(tree, *types)
    seen: set[str] = set()
    for token in found:
        if token.value in seen:
            raise Unfit(token, f"“{token.value}” is named twice")
        seen.add(token.value)
    return [token.value for token in found]


def _identity(tree: Tree[Token]) -> Iterator[Said]:
    yield "version", int(tokens(tree, "NUMBER")[0])
    yield "id", _small(tokens(tree, "NAME")[0])


def _small(token: Token) -> str:
    if not SMALL.fullmatch(token.value):
        raise Unfit(token, f"“{token.value}” {SMALL_RULE}")
    return str(token.value)


def _period(tree: Tree[Token]) -> Iterator[Said]:
    days = tokens(tree, "DATE")
    if not days[0] <= days[1] <= days[2]:
        raise Unfit(days[1], "the review must lie between the start and the end")
    for name, token in zip(("starts", "review", "ends"), days, strict=True):
        yield name, token.value


def _keeping(tree: Tree[Token]) -> Iterator[Said]:
    number, unit = tokens(tree, "NUMBER", "UNIT")
    days = kept_days(int(number), int(unit))
    if not 1 <= days <= 36_600:
        raise Unfit(number, "records are kept for at least a day and at most 36600 days")
    yield "retention_days", days


def kept_days(number: int, unit: int) -> int:
    """Count the days of so many units (of 1, 7, 30 or 365 days). Twelve months are a year."""
    if unit != MONTH:
        return number * unit
    years, months = divmod(number, 12)
    return years * YEAR + months * MONTH


def _who(tree: Tree[Token]) -> Iterator[Said]:
    roles, places = branches(tree)
    direct = Tree("names", [node for node in tree.children if isinstance(node, Token)])
    for token in tokens(direct, "NAME"):
        _small(token)
    yield "purposes", _values(direct, "NAME")
    named = Tree("names", [node for node in places.children if isinstance(node, Token)])
    types: Tree[Token] = Tree("types", list(branches(places)))
    yield (
        "recipients",
        {
            "agencies": _values(named, "NAME") or ["*"],
            "agency_types": _values(types, "TYPE", "NAME") or ["*"],
            "roles": _values(roles, "NAME") or ["*"],
        },
    )


def _items(tree: Tree[Token]) -> Iterator[Said]:
    kind = tokens(tree, "KIND")[0]
    given = tokens(tree, "TREATMENT")
    treatment = given[0].value if given else "withhold"
    _values(tree, "FIELD")
    for token in tokens(tree, "FIELD"):
        problem = unsuitable(kind.value, token.value, treatment)
        if problem:
            phrase = vocabulary.fields(kind.value).said[token.value]
            raise Unfit(token, f"{phrase}: {_suitable(kind.value, token.value, given)}")
        yield f"items.{kind.value}.{token.value}", treatment


def _suitable(kind: str, name: str, given: list[Token]) -> str:
    field = vocabulary.FIELDS[kind][name]
    able = vocabulary.SUITABLE[field.shape]
    said = [f"“{vocabulary.GIVEN.said[t]}”" for t in vocabulary.GIVEN.said if t in able]
    chosen = vocabulary.GIVEN.said[given[0].value] if given else ""
    line = given[0].line if given else 1
    return f"“{chosen}” (line {line}) does not suit this field; what does: {', '.join(said)}"


def _coverage(tree: Tree[Token]) -> Iterator[Said]:
    yield "entity_kinds", _values(tree, "ENTITY")
    yield "handling", _values(tree, "HANDLING")


def _list(path: str, *types: str) -> Callable[[Tree[Token]], Iterator[Said]]:
    def rule(tree: Tree[Token]) -> Iterator[Said]:
        yield path, _values(tree, *types)

    return rule


def _fixed(path: str, value: Any) -> Callable[[Tree[Token]], Iterator[Said]]:
    def rule(_: Tree[Token]) -> Iterator[Said]:
        yield path, value

    return rule


_RULES: Final[Mapping[str, Callable[[Tree[Token]], Iterator[Said]]]] = MappingProxyType(
    {
        "identity": _identity,
        "period": _period,
        "bases": _list("article_6", "BASIS"),
        "no_basis": _fixed("article_6", []),
        "no_article_9": _fixed("article_9", []),
        "no_schedule_8": _fixed("schedule_8", []),
        "keeping": _keeping,
        "never": _fixed("onward_sharing", "never"),
        "with_consent": _fixed("onward_sharing", "with-originator-consent"),
        "who": _who,
        "items": _items,
        "held_back": _items,
        "coverage": _coverage,
        "own": _fixed("relation", "own"),
        "tenant": _fixed("relation", "tenant"),
        "vetting": _list("vetting", "NAME"),
        "authority": _fixed("relevant_authority", True),
        "justification": _fixed("justification", True),
        "consent": _list("consent", "SCOPE", "NAME"),
        "member": _fixed("case_member", True),
        "lifts": _list("emergency_lifts", "LIFTED"),
        "denied": _fixed("transgender_history", "denied"),
        "agreed": _fixed("transgender_history", "with-consent"),
        "no_category": _list("exclude.subject_categories", "CATEGORY", "NAME"),
        "no_strand": _list("exclude.strands", "STRAND", "NAME"),
        "no_regime": _list("exclude.recording_regimes", "NAME"),
        "no_children": _fixed("exclude.children", True),
    }
)

_FACT_LISTS: Final = frozenset(
    {
        "originators", "subject_categories", "strands_present", "recording_regimes",
        "victim_wishes", "tenant_of", "authors",
    }
)  # fmt: skip


def _example(tree: Tree[Token]) -> Iterator[Said]:
    kind = tokens(tree, "KIND")[0]
    yield "given.kind", kind.value
    for branch in branches(tree):
        name = branch.data
        if name == "asker":
            yield from _asker(branch)
        elif name == "expected":
            yield from _expected(branch, kind.value)
        elif name == "purpose":
            yield "when.purpose", _small(tokens(branch)[0])
        elif name.removeprefix("not_") in _TERMS:
            yield f"when.{name.removeprefix('not_')}", _term(branch)
        else:
            yield from _fact(branch)


_TERMS: Final = frozenset({"on", "justification", "emergency", "second_approver"})


def _term(tree: Tree[Token]) -> Any:
    found = tokens(tree)
    return found[0].value if found else not tree.data.startswith("not_")


def _fact(tree: Tree[Token]) -> Iterator[Said]:
    name = tree.data
    if name in {"current", "withdrawn"}:
        yield "given.status", name
    elif name == "consent_fact":
        state = tokens(tree, "STATE")[0].value
        scope = _values(tree, "SCOPE", "NAME")
        yield "given.consent", {"state": state, "scope": scope}
    elif name in _FACT_LISTS:
        yield f"given.{name}", _values(tree)
    else:
        yield f"given.{name.removeprefix('not_')}", _term(tree)


def _asker(tree: Tree[Token]) -> Iterator[Said]:
    for child in branches(tree):
        name = {"role": "role", "type": "agency_type", "of": "agency", "cleared": "vetting"}
        yield f"when.{name[child.data]}", tokens(child)[0].value


def _expected(tree: Tree[Token], kind: str) -> Iterator[Said]:
    below = branches(tree)
    yield "then.permit", not any(child.data == "refused" for child in below)
    fields: dict[str, str] = {}
    withheld: list[str] = []
    for outcome in tree.find_data("outcome"):
        treatment = tokens(outcome, "OUTCOME")[0].value
        for token in tokens(outcome, "FIELD"):
            problem = unsuitable(kind, token.value, treatment)
            if problem or token.value in fields or token.value in withheld:
                raise Unfit(token, problem or "this field is named twice")
            if treatment == "withhold":
                withheld.append(token.value)
            else:
                fields[token.value] = treatment
            if any(child.data == "refused" for child in below):
                raise Unfit(token, "a refusal gives no field")
    yield "then.fields", fields
    yield "then.withheld", withheld
