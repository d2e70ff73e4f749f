"""From text to agreement, or to everything that is wrong with it, each with its line and word."""

from __future__ import annotations

import re
from typing import Any, Final

from policies.agreements.language.layout import (
    LEADS,
    LISTS,
    PARTS,
    Free,
    Statement,
    Word,
    resembling,
    statements,
)
from policies.agreements.language.meaning import Unfit, meaning
from policies.agreements.language.sentences import Problem, parse
from policies.agreements.validity import REACHED_AT, Agreement, AgreementInvalid, faults

MOST: Final = 50
"""Problems that are listed; a text with more of them is no agreement yet."""
_CLAIM: Final = re.compile(
    r"this\s+is\s+version\s+\S+\s+of\s+the\s+agreement\s+[\"“]?([a-z0-9-]+)", re.IGNORECASE
)
NEEDED: Final[dict[str, dict[str, str]]] = {
    "header": {
        "id": "This is version 1 of the agreement NAME.",
        "starts": "It starts on DATE, is to be reviewed by DATE and ends on DATE.",
        **{path: f"{lead}: …" for path, lead in LEADS.items()},
        **{path: f"{lead}: (with a point for each)" for path, lead in LISTS.items()},
        "article_6": "The lawful basis under Article 6 of the UK GDPR is …",
        "retention_days": "Recipients keep what they receive for … and then delete it.",
        "onward_sharing": "Recipients never pass it on.",
    },
    "clauses": {
        "purposes": "For the purpose of …, … may receive what follows.",
        "items": "Of … they receive …: …",
        "entity_kinds": "It covers records about …, with handling code ….",
    },
    "examples": {
        "given.kind": "Given …, when … asks for …, then ….",
    },
}
"""What each part must say, by path, with the sentence that says it."""


def read(text: str, source: str = "", *, status: str = "draft") -> Agreement:
    """Read an agreement. Raises AgreementInvalid with every problem, in order of lines."""
    reader = _Reader(text)
    for statement in statements(text):
        if len(reader.problems) > MOST:
            break
        reader.take(statement)
    return reader.finish(source, status)


def claimed(text: str) -> str:
    """The id that a text says it has, also where the text cannot be read; empty if it says none."""
    found = _CLAIM.search(text)
    return found.group(1) if found else ""


class _Part:
    """One part of the agreement as far as it was read, and where each path was said."""

    def __init__(self, section: str, path: str, line: int) -> None:
        self.section = section
        self.path = path
        self.line = line
        self.said: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.broken = False


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.problems: list[Problem] = []
        self.parts = [_Part("header", "", 1)]
        self._skip = -1

    def take(self, statement: Statement) -> None:
        if isinstance(statement, Free):
            self._free(statement)
        else:
            self._sentence(statement)

    @property
    def _part(self) -> _Part:
        return self.parts[-1]

    def _report(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(line, column, message))
        self._part.broken = True

    def _free(self, free: Free) -> None:
        if free.path in PARTS:
            self._begin(free)
        if free.meant:
            message = f"“{free.lead}:” begins nothing here; did you mean “{free.meant}:”?"
            self._report(free.line, 1, message)
        if free.path not in PARTS:
            self._put(self.parts[0], free.path, free, free.line, 1)

    def _begin(self, free: Free) -> None:
        number = sum(part.section == free.path for part in self.parts) + 1
        self.parts.append(_Part(free.path, f"{free.path}[{number - 1}]", free.line))
        if free.number != number and not free.meant:
            self._report(free.line, 1, f"this is {PARTS[free.path].lower()} {number}")
        name = "text" if free.path == "clauses" else "name"
        self._put(self._part, name, free, free.line, 1)

    def _sentence(self, words: list[Word]) -> None:
        while words and words[0].chunk == self._skip:
            words = words[1:]
        if not [word for word in words if word.text != "."]:
            return
        section = {"clauses": "clause", "examples": "example"}.get(self._part.section, "header")
        try:
            said = meaning(parse(section, words))
        except Problem as problem:
            self._report(problem.line, problem.column, problem.message)
            if problem.stop:
                self._recover(words)
        except Unfit as unfit:
            self._report(unfit.line, unfit.column, str(unfit))
        else:
            for path, value in said:
                self._put(self._part, path, value, words[0].line, words[0].column)

    def _recover(self, words: list[Word]) -> None:
        """Pass over the line that the sentence began on; what another line holds is read again."""
        self._skip = words[0].chunk
        rest = [word for word in words if word.chunk != self._skip]
        if rest:
            self._sentence(rest)

    def _put(self, part: _Part, path: str, value: Any, line: int, column: int) -> None:
        if path in part.lines:
            self._report(line, column, f"this was said on line {part.lines[path]} already")
            return
        part.lines[path] = line
        part.said[path] = value

    def finish(self, source: str, status: str) -> Agreement:
        for part in self.parts:
            self._complete(part)
        self._contacts(self.parts[0].said.get("contacts"))
        if not any(part.section == "clauses" for part in self.parts):
            self.problems.append(
                Problem(1, 1, "there is no clause; what begins one: “Clause 1: …”")
            )
        agreement: Agreement = {}
        if not self.problems:
            agreement = self._agreement(status)
            self.problems += [self._located(fault) for fault in faults(agreement)]
        if self.problems:
            ordered = sorted(self.problems, key=lambda one: (one.line, one.column))
            raise AgreementInvalid(source, tuple(dict.fromkeys(map(str, ordered[:MOST]))))
        return agreement

    def _complete(self, part: _Part) -> None:
        if part.broken:
            return
        for path, sentence in NEEDED[part.section].items():
            if not any(said.split(".")[0] == path or said == path for said in part.said):
                likely = resembling(self._text, sentence.split(" …")[0], part.line)
                hint = f" (line {likely} may be meant for it)" if likely else ""
                message = f"a sentence is missing here: “{sentence}”{hint}"
                self.problems.append(Problem(part.line, 1, message))

    def _contacts(self, contacts: Free | None) -> None:
        for point in contacts.points if contacts else ():
            if f"{REACHED_AT} " not in point.text:
                message = f"a contact says who, and how to reach them: “- …{REACHED_AT} name@…”"
                self.problems.append(Problem(point.line, 1, message))

    def _agreement(self, status: str) -> Agreement:
        header, *parts = self.parts
        made = _nested(header.said)
        made["status"] = status
        made["contacts"] = [_contact(one) for one in made["contacts"]]
        made["clauses"] = [_clause(part.said) for part in parts if part.section == "clauses"]
        examples = [_nested(part.said) for part in parts if part.section == "examples"]
        made["examples"] = [{"when": {}, **example} for example in examples]
        return made

    def _located(self, fault: str) -> Problem:
        """Put the line of the sentence that a fault is about in place of its path."""
        path, _, message = fault.partition(": ")
        for part in reversed(self.parts):
            if path.startswith(part.path):
                rest = path.removeprefix(part.path).lstrip(".")
                lines = [line for said, line in part.lines.items() if _about(rest, said)]
                line = _point(part, rest) or max(lines, default=part.line)
                return Problem(line, 1, f"{rest or path}: {message}")
        return Problem(1, 1, fault)


def _about(path: str, said: str) -> bool:
    plain = re.sub(r"\[[0-9]+\].*", "", path)
    return plain == said or plain.startswith(f"{said}.") or said.startswith(f"{plain}.")


def _point(part: _Part, path: str) -> int:
    """The line of the point of a list that a path is about; 0 if it is about none."""
    found = re.match(r"(\w+)\[([0-9]+)\]", path)
    free = part.said.get(found.group(1)) if found else None
    return free.points[int(found.group(2))].line if found and isinstance(free, Free) else 0


def _nested(said: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in said.items():
        *outer, name = path.split(".")
        inner = made
        for step in outer:
            inner = inner.setdefault(step, {})
        inner[name] = _plain(value)
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Free):
        return [point.text for point in value.points] if value.path in LISTS else value.text
    return value


def _contact(text: str) -> dict[str, str]:
    """Who, and how to reach them; what does not say how fails for the want of it."""
    role, _, reach = text.partition(f"{REACHED_AT} ")
    return {"role": role, "reach": reach}


def _clause(said: dict[str, Any]) -> dict[str, Any]:
    """Put in what an agreement need not say: no condition, and the closed one of two readings."""
    made: dict[str, Any] = {
        "vetting": ["*"],
        "relevant_authority": False,
        "justification": False,
        "relation": "any",
        "consent": [],
        "case_member": False,
        "emergency_lifts": [],
        "transgender_history": "denied",
        **_nested(said),
    }
    none = {"subject_categories": [], "strands": [], "recording_regimes": [], "children": False}
    made["exclude"] = {**none, **made.get("exclude", {})}
    return made
