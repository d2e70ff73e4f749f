"""Atom feeds (RFC 4287), for readers that people already have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
MEDIA_TYPE: Final = "application/atom+xml"
_CONTROL: Final = {code: " " for code in range(32) if code not in {9, 10, 13}} | {
    0xFFFE: " ",
    0xFFFF: " ",
}
"""What XML 1.0 cannot hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `removed` makes it a tombstone (RFC 6721), of which only id and time are told."""

    id: str
    updated: datetime
    title: str = ""
    text: str = ""
    link: str | None = None
    categories: tuple[str, ...] = ()
    removed: bool = False


def feed(
    *,
    id_: str,
    title: str,
    updated: datetime,
    link: str,
    entries: Iterable[Entry],
    next_link: str | None = None,
    rights: str | None = None,
) -> bytes:
    """Write a feed. `updated` must not tell more than the entries do."""
    root = Element("feed", {"xmlns": NAMESPACE, "xmlns:at": TOMBSTONES})
    _text(root, "id", id_)
    _text(root, "title", title)
    _text(root, "updated", _moment(updated))
    author = SubElement(root, "author")
    _text(author, "name", "Concord")
    SubElement(root, "link", {"rel": "self", "href": link, "type": MEDIA_TYPE})
    if next_link:
        SubElement(root, "link", {"rel": "next", "href": next_link, "type": MEDIA_TYPE})
    if rights:
        _text(root, "rights", rights)
    for entry in entries:
        _entry(root, entry)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: Element, entry: Entry) -> None:
    if entry.removed:
        when = _moment(entry.updated)
        SubElement(root, "at:deleted-entry", {"ref": entry.id, "when": when})
        return
    made = SubElement(root, "entry")
    _text(made, "id", entry.id)
    _text(made, "title", entry.title)
    _text(made, "updated", _moment(entry.updated))
    for term in entry.categories:
        SubElement(made, "category", {"term": _clean(term)})
    if entry.link:
        SubElement(made, "link", {"rel": "alternate", "href": entry.link})
    _text(made, "content", entry.text).set("type", "text")


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return text.translate(_CONTROL)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
