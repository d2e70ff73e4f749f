"""Checkpoints that lie on an agency's notice topic: read with that agency's own credentials."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import typer

from producers import onboarding
from producers.client import HubClient
from producers.transport import HubAwayError, HubRefusesError

NOT_POSSIBLE = 2


def lodged_with(agency: str, file: Path | None) -> list[tuple[str, str]]:
    """The checkpoints on an agency's topic, oldest first: a name for each, and the signed note.

    Ends the program with exit code 2 where there are none or the topic cannot be read.
    """
    try:
        found = asyncio.run(_read(onboarding.load(file, agency, os.environ)))
    except (onboarding.OnboardingError, HubAwayError, HubRefusesError) as error:
        typer.echo(f"concord: {error}", err=True)
        raise typer.Exit(NOT_POSSIBLE) from None
    if not found:
        typer.echo(f"concord: no checkpoint lies on the notice topic of {agency}", err=True)
        raise typer.Exit(NOT_POSSIBLE)
    return found


async def _read(settings: onboarding.Onboarding) -> list[tuple[str, str]]:
    async with HubClient(settings) as client:
        return [
            (f"{one['notice_id']} of {str(one['issued_at'])[:10]}", str(one["checkpoint"]))
            async for one in client.notices()
            if one.get("checkpoint")
        ]
