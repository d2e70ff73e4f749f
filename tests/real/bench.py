"""The benchmark of the pipeline on an Apache Kafka that is started for it, as a server has it.

`python -m tests.real.bench [--events N] [--seed S] [--postgresql]` starts a secured broker on
loopback and prints what `concord bench pipeline --json` prints, measured on it. The store is
SQLite unless PostgreSQL is asked for. `tests/real/install.sh` puts the programs in place.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from concord.bench.pipeline import run
from tests.real.kafka import RealKafka
from tests.real.postgres import RealPostgres
from tests.real.stack import HUB_USER


def main(arguments: list[str] | None = None) -> None:
    """Start the components, measure, print, stop them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="concord-bench-")))
        kafka = RealKafka(folder / "kafka")
        stack.callback(kafka.stop)
        os.environ |= _settings(kafka.start())
        if given.postgresql:
            postgres = RealPostgres()
            stack.callback(postgres.remove)
            postgres.start()
            os.environ["CONCORD_DATABASE_URL"] = postgres.create_database("bench").url
        sys.stdout.write(json.dumps(run(given.events, given.seed)) + "\n")


def _settings(kafka: RealKafka) -> dict[str, str]:
    return {
        "CONCORD_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "CONCORD_KAFKA_SECURITY_PROTOCOL": kafka.security_protocol,
        "CONCORD_KAFKA_SASL_MECHANISM": kafka.mechanism,
        "CONCORD_KAFKA_USERNAME": HUB_USER,
        "CONCORD_KAFKA_PASSWORD": secrets.token_urlsafe(24),
        "CONCORD_KAFKA_ADMIN_USERNAME": kafka.admin_username,
        "CONCORD_KAFKA_ADMIN_PASSWORD": kafka.admin_password,
    }


if __name__ == "__main__":
    main()
