"""The language reference, written from the grammar and the tables into docs/guides.

`python -m policies.agreements.language.reference` writes it; with --check it only compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from policies.agreements.language import words
from policies.agreements.language.layout import LEADS, LISTS, PARTS
from policies.agreements.language.sentences import OPEN, TABLES, reserved
from policies.fields import FIELDS

GUIDE: Final = Path("docs") / "guides" / "agreement-language.md"
MEANINGS: Final[Mapping[str, str]] = {
    "KIND": "Kinds of record",
    "TREATMENT": "Treatments, in a clause",
    "OUTCOME": "Treatments, in an example",
    "TYPE": "Types of agency",
    "ENTITY": "What a record is about",
    "HANDLING": "Handling codes",
    "SCOPE": "What consent is for",
    "STATE": "How consent stands",
    "STRAND": "Strands",
    "CATEGORY": "Categories of data subjects",
    "WISH": "Wishes of a victim",
    "LIFTED": "Conditions that an emergency can lift",
    "BASIS": "Lawful bases",
    "MARKING": "Security markings",
    "UNIT": "Units of time",
}
"""What each table of the grammar is called in the reference."""
SECTIONS: Final = {
    "header": "Sentences about the agreement",
    "clause": "Sentences of a clause",
    "example": "The sentence of an example",
}
_RULE: Final = re.compile(r"^(\w+): (.*(?:\n\s+\|.*)*)", re.MULTILINE)


def reference() -> str:
    """Write the whole reference."""
    rules = dict(_RULE.findall(_source("grammar.lark")))
    example = resources.files("policies.agreements").joinpath("monitor-provider.agreement")
    parts = [
        _source("reference.md").strip(),
        *_sentences(rules),
        "## Texts that you word freely",
        _table(("after", "say"), [(f"`{lead}:`", path) for path, lead in _leads()]),
        "## An agreement",
        f"```\n{example.read_text('utf-8')}```",
        "## Tables",
        *_tables(),
        "## Fields of each kind of record",
        *_fields(),
        "## Words that mean something by themselves",
        "A name that is one of these stands in quotation marks: "
        + ", ".join(sorted(word for word in reserved() if word.isalpha())) + ".",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _source(name: str) -> str:
    return resources.files("policies.agreements.language").joinpath(name).read_text("utf-8")


def _leads() -> Iterator[tuple[str, str]]:
    yield from ((path.replace("governance.", ""), lead) for path, lead in LEADS.items())
    yield from ((f"a list: {path.replace('_', ' ')}", lead) for path, lead in LISTS.items())
    parts = {"clauses": "what the clause does, in your words", "examples": "what it shows"}
    yield from ((parts[path], f"{word} 1") for path, word in PARTS.items())


def _sentences(rules: Mapping[str, str]) -> Iterator[str]:
    for section, title in SECTIONS.items():
        yield f"## {title}"
        names = [section] if section == "example" else re.findall(r"\w+", rules[section])
        yield "\n".join(f"- {shown(rules[name])}" for name in names)
    yield "In it:"
    inner = (
        "fact", "asker", "of", "cleared", "term", "expected", "verdict", "outcomes", "outcome"
    )  # fmt: skip
    yield "\n".join(_explained(name, rules[name]) for name in inner)
    yield "And everywhere:"
    small = (
        "roles",
        "role",
        "places",
        "type",
        "scope",
        "category",
        "strand",
        "wish",
        "_and",
        "_or",
    )
    yield "\n".join(f"- *{name.strip('_')}* is {shown(rules[name])}" for name in small)


def _explained(name: str, rule: str) -> str:
    """One point; rules that stand on several lines have a point below for each."""
    lines = re.split(r"\n\s+\| ", rule)
    if len(lines) == 1:
        return f"- *{name}* is {shown(rule)}"
    return "\n".join([f"- *{name}* is one of", *(f"  - {shown(line)}" for line in lines)])


def shown(rule: str) -> str:
    """Show a rule of the grammar as a reader who does not program can take it."""
    text = re.sub(r"\s*->\s*\w+", "", " ".join(rule.split()))
    pieces = re.findall(r'"[^"]*"|[A-Z][A-Z_0-9]+|_?[a-z_]\w*|[()|*?+]', text)
    said = [_piece(piece) for piece in pieces]
    joined = " ".join(said).replace("( ", "(").replace(" )", ")")
    return re.sub(r" (\*\*|\?)(?=[ )]|$)", r"\1", joined).replace("**", " …")


def _piece(piece: str) -> str:
    if piece.startswith('"'):
        return f"“{piece[1:-1]}”"
    if piece.isupper():
        return f"`{piece}`"
    return {"|": "or", "*": "**", "?": "?", "(": "(", ")": ")"}.get(piece, f"*{piece.strip('_')}*")


def _tables() -> Iterator[str]:
    said = [(f"`{name}`", text) for name, text in OPEN.items()]
    said.append(("`FIELD`", "a field of the kind of record that the sentence names, see below"))
    yield _table(("in a sentence", "stands for"), said)
    for name, table in TABLES.items():
        yield f"### {MEANINGS[name]} (`{name}`)"
        rows = [(phrase, f"`{code.strip()}`") for code, phrase in table.offered.items()]
        yield _table(("said", "means"), rows)


def _fields() -> Iterator[str]:
    yield (
        "A field may also be given by the name in the second column. A treatment that does not "
        "suit a field is an error that says what would."
    )
    for kind, table in FIELDS.items():
        yield f"### Of {words.KINDS.said[kind]}"
        rows = [
            (words.fields(kind).said[name], f"`{name}`", field.data_class, _able(field.shape))
            for name, field in table.items()
        ]
        yield _table(("said", "name", "class", "treatments"), rows)


def _able(shape: str) -> str:
    able = words.SUITABLE[shape]
    said = [phrase for name, phrase in words.GIVEN.said.items() if name in able]
    return ", ".join(reversed(said))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the reference, or with --check tell whether it is up to date."""
    made = reference()
    if "--check" in arguments:
        return int(not GUIDE.exists() or GUIDE.read_text("utf-8") != made)
    GUIDE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
