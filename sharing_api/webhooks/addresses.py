"""Where the hub may post to: nowhere inside, unless the operator says so.

A subscriber names the address, so without this the hub would knock at doors that only it can reach
(server-side request forgery). The name is resolved once, every address it has is judged, and the
connection goes to one that was judged.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST: Final = 2000


class AddressRefused(ValueError):
    """The hub does not post there; the message names the rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`private`: addresses inside may be posted to. `loopback`: this machine, and http to it."""

    private: bool = False
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An address to connect to, and the name that certificate and request are for."""

    url: str
    host: str
    authority: str


def parsed(url: str, rules: Rules) -> SplitResult:
    """What can be judged without asking anybody. Raises AddressRefused."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable():
        raise AddressRefused("url: printable ASCII of at most 2,000 characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("url: an address such as https://receiver.example/hook") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("url: no user, password or fragment in it")
    if not parts.hostname or port == 0:
        raise AddressRefused("url: an address such as https://receiver.example/hook")
    plain = parts.scheme == "http" and rules.loopback and _is_loopback(parts.hostname)
    if parts.scheme != "https" and not plain:
        raise AddressRefused("url: https; http only to this machine, in development")
    literal = _literal(parts.hostname)
    if literal is not None:
        judge(literal, rules)
    return parts


async def resolved(url: str, rules: Rules) -> Target:
    """Look the name up and judge every address. Raises AddressRefused, OSError if there is none."""
    parts = parsed(url, rules)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        judge(address, rules)
    if not addresses:
        raise OSError("no address")
    chosen = addresses[0]
    literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    direct = parts._replace(netloc=f"{literal}:{port}").geturl()
    return Target(direct, host, parts.netloc)


def judge(address: ipaddress.IPv4Address | ipaddress.IPv6Address, rules: Rules) -> None:
    """Raises AddressRefused for an address inside."""
    mapped = getattr(address, "ipv4_mapped", None)
    actual = mapped or address
    if actual.is_loopback and (rules.loopback or rules.private):
        return
    if actual.is_private and not actual.is_link_local and not actual.is_loopback and rules.private:
        return
    if not actual.is_global or actual.is_multicast:
        raise AddressRefused("url: an address that the whole internet reaches")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return literal.is_loopback if literal is not None else host == "localhost"
