"""How to reach the broker, for every part that speaks Kafka."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Address and credentials of a broker that speaks the Kafka protocol.

    `security_protocol` is PLAINTEXT, SASL_PLAINTEXT, SSL or SASL_SSL. `idempotent` is False for a
    broker without idempotent producers (the embedded one).
    """

    bootstrap: str
    security_protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    idempotent: bool = True

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"KafkaConnection({self.bootstrap!r}, {self.security_protocol!r})"

    @property
    def secured(self) -> bool:
        """Whether the broker asks who is there, and so can refuse."""
        return self.security_protocol.startswith("SASL")

    def client(self) -> dict[str, Any]:
        """Keyword arguments that aiokafka and kafka-python clients have in common."""
        out: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            out["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        if self.secured:
            out |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return out
