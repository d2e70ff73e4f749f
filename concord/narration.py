"""The demo told in a terminal, in words that a coordinator would use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from concord.county_map import LEGEND
from concord.scenario import Scenario
from processors.linkage.explain import clause

_SHOWN = (
    "victim_name",
    "rule",
    "level",
    "status",
    "incidents",
    "since",
    "until",
    "agencies",
    "strands",
    "districts",
    "entity_id",
    "victim_consent",
    "reasons",
)
_BY_NATURE = frozenset({"prior", "household"})
"""Evidence that speaks of people at large, not of these two."""
_SHOWS = 0.05
"""Smallest weight that does not read as 0.0."""


class Narrator:
    """Says what happens; with `quiet` nothing at all."""

    def __init__(self, *, quiet: bool) -> None:
        """Writes to standard output."""
        self._console = Console(quiet=quiet, highlight=False, soft_wrap=False)

    def step(self, text: str) -> None:
        """Say that something is under way."""
        self._console.print(f"  [dim]{text} …[/dim]")

    def begin(self, scenario: Scenario) -> None:
        """Say what is about to be shown."""
        self._console.rule("Concord: one event travels the whole way")
        self._console.print(
            f"A made-up county, {len(scenario.agencies)} agencies, {scenario.since} to "
            f"{scenario.until}. Every name, address and number below is invented.\n"
        )

    def tell(
        self,
        scenario: Scenario,
        figures: Mapping[str, Any],
        alert: Mapping[str, Any] | None,
        releases: list[dict[str, Any]],
    ) -> None:
        """Tell the whole story."""
        truth, out = figures["truth"], self._console.print
        out(
            f"\n[bold]1. Published.[/bold] {figures['published']} events from "
            f"{len(scenario.agencies)} agencies; {figures['receipts']} receipts: "
            f"{figures['accepted']} accepted, {figures['rejected']} rejected."
        )
        out("   Names, addresses and stories were sealed; nothing after intake can read them.")
        out(f"[bold]2. Linked.[/bold] {figures['entities']} persons and places, from encodings.")
        out(f"[bold]3. Judged.[/bold] Alerts raised: {_list_of(figures['alerts'])}.")
        out(
            f"   The made-up truth knows {truth['victims_repeat']} repeat victims that can be "
            f"recognised; the hub found {truth['found']}, and {truth['false']} of its "
            f"{truth['alerts']} alerts are false."
        )
        if alert is None:
            out("No repeat victim was found, so there is nothing to release.")
        else:
            self._about(alert)
            self._side_by_side(releases)
            self._refusals(releases)
        self._tension(figures["tension"])
        out(
            f"\n[dim]{figures['seconds']} seconds. Next: `concord up` leaves a hub running; "
            "`make help` lists the rest.[/dim]"
        )

    def _about(self, alert: Mapping[str, Any]) -> None:
        out = self._console.print
        out(f"[bold]4. One alert.[/bold] {alert['alert_id']}, about one person and no name:")
        for reason in alert["reasons"]:
            out(f"   · {reason}")
        out("   Why the hub thinks that it is one person:")
        for link in alert["links"][:3]:
            out(f"   · {_sum(link)}")

    def _side_by_side(self, releases: list[dict[str, Any]]) -> None:
        permitted = [r for r in releases if r["permit"]]
        table = Table(title="5. The same facts, three askers", show_lines=False, expand=True)
        table.add_column("")
        for release in permitted:
            person = release["person"]
            said = f"{person.title}\n{person.agency}\nfor {person.purpose}"
            table.add_column(said, overflow="fold")  # a reference that is cut names nothing
        columns = [_fields(release["answer"]) for release in permitted]
        for name in _SHOWN:
            if any(name in column for column in columns):
                table.add_row(name.replace("_", " "), *(c.get(name, "—") for c in columns))
        if any("counts" in column for column in columns):
            table.add_row("counts", *(c.get("counts", "—") for c in columns))
        table.add_row("ledger entry", *(str(r["answer"]["ledger_reference"]) for r in permitted))
        self._console.print(table)

    def _refusals(self, releases: list[dict[str, Any]]) -> None:
        for release in releases:
            if release["permit"]:
                continue
            person, answer = release["person"], release["answer"]
            reasons = " ".join(r["text"] for r in answer.get("reasons", []))
            self._console.print(
                Panel(
                    f"{reasons}\nLedger entry {answer.get('ledger_reference')}: the refusal is "
                    "recorded as the releases are.",
                    title=f"Refused: {person.title}, {person.agency}, for {person.purpose}, "
                    f"asked for {release['question']}",
                )
            )

    def _tension(self, told: Mapping[str, Any] | None) -> None:
        """Say what built up, why the hub thinks so, who set the level and who received it."""
        out = self._console.print
        if told is None:
            out("[bold]6. Tension.[/bold] Too short a story to know what is usual: none is shown.")
            return
        signal, level = told["signal"], told["level"]
        out(
            f"[bold]6. Something builds up.[/bold] {told['returns']} tension returns from "
            f"{told['agencies']} agencies, about one group. What a monitor sees on a map:\n"
        )
        for line in [*told["map"], "", LEGEND]:
            out(f"   {line}" if line else "")
        out(
            f"\n   {told['district']}, {told['group'].replace(':', ', ')}: [bold]{signal['colour']}"
            f"[/bold], level {signal['proposed_level']} proposed, because:"
        )
        for reason in signal["reasons"]:
            out(f"   · {reason['text']}")
        out(
            f"[bold]7. The monitor decides.[/bold] Level {level['level']} is set by a person, with "
            f"a reason and a day to look again (ledger entry {level['ledger_reference']})."
        )
        out(
            f"   A subscriber to the stream had the signal {told['seconds_to_subscriber']} seconds "
            "after the returns were sent, and then the level; a webhook got both, and its "
            "signatures verify."
        )


def _sum(link: Mapping[str, Any]) -> str:
    """Say what adds up to a link's weight: what these two share, then what counts against it."""
    heaviest = sorted(link["evidence"], key=lambda each: -abs(each["weight"]))
    telling = [each for each in heaviest if abs(each["weight"]) >= _SHOWS]
    words = [
        f"{clause(each)} ({each['weight']:+.1f})"
        for each in telling
        if each["field"] not in _BY_NATURE
    ]
    words += [
        f"less {-each['weight']:.1f} because {clause(each)}"
        for each in telling
        if each["field"] in _BY_NATURE
    ]
    return f"{'; '.join(words)} — {link['weight']:.1f} in all"


def _list_of(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {rule.replace('-', ' ')}" for rule, count in counts.items())


def _fields(answer: Mapping[str, Any]) -> dict[str, str]:
    if "items" in answer:
        lines = [
            f"{item.get('strand', '')}: {item.get('count', '')}" for item in answer["items"][:8]
        ]
        return (
            {"counts": "\n".join(lines), "districts": answer["items"][0].get("area", "")}
            if (lines)
            else {}
        )
    return {name: _text(value) for name, value in answer["fields"].items()}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value) or "—"
    text = "—" if value is None else str(value)
    return text.replace("T00:00:00.000Z", "")[:60]
