"""Asking the API as somebody: a bearer token from the development issuer, a purpose, an answer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, and for what."""

    title: str
    agency: str
    agency_type: str
    role: str
    purpose: str
    vetting: str = "bpss"
    justification: str = "multi-agency review"
    case_membership: tuple[str, ...] = ()


class Client:
    """A person's connection to the API."""

    def __init__(self, url: str, person: Person) -> None:
        """Fetches a token at once. Raises httpx.HTTPError if the API is away."""
        self._http = httpx.Client(base_url=url, timeout=30)
        self.person = person
        answer = self._http.post(
            "/dev/token",
            json={
                "sub": f"{person.role}@{person.agency}",
                "agency": person.agency,
                "agency_type": person.agency_type,
                "role": person.role,
                "vetting": person.vetting,
                "case_membership": list(person.case_membership),
            },
        )
        answer.raise_for_status()
        self._http.headers.update(
            {
                "Authorization": f"Bearer {answer.json()['access_token']}",
                "Concord-Purpose": person.purpose,
                "Concord-Justification": person.justification,
            }
        )

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Ask a question."""
        return self._http.get(path, params=parameters)

    def post(self, path: str, body: Any) -> httpx.Response:
        """Send something as JSON."""
        return self._http.post(path, json=body)

    def stream(self, path: str, **headers: str) -> AbstractContextManager[httpx.Response]:
        """Open an answer that does not end; silence of a minute breaks it off."""
        return self._http.stream("GET", path, headers=headers, timeout=60)

    def close(self) -> None:
        """Disconnect."""
        self._http.close()
