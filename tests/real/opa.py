"""OPA with the settings of docker-compose.yml, and a small server for the bundles it polls.

OPA verifies each bundle's signature, asks for it with a bearer token, and answers only who shows
its own token. The key pair, and all tokens, are made anew for each test run.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.real import installed
from tests.real.process import Program, free_port, wait_until

KEY_ID = "concord"
BUNDLE_PATH = "/bundle.tar.gz"


@dataclass
class OpaSecrets:
    """What OPA and the hub must share, as values and as the files that settings name."""

    folder: Path
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    bundle_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        self.signing_key = ec.generate_private_key(ec.SECP256R1())
        private = self.signing_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = self.signing_key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        self.token_file = self._write("opa_token", self.token.encode())
        self.access_file = self._write(
            "opa_access.json", json.dumps({"token": self.token}).encode()
        )
        self.bundle_token_file = self._write("bundle_token", self.bundle_token.encode())
        self.bundle_key_file = self._write("bundle_key.pem", private)
        self.bundle_public_key_file = self._write("bundle_public_key.pem", public)

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@dataclass
class RealOpa:
    """An OPA that polls `api_url` + `bundle_path` every second or two.

    It is ready before its first bundle, as in production; `wait_for_bundle` says when decisions
    can be asked.
    """

    folder: Path
    keys: OpaSecrets
    api_url: str
    bundle_path: str = BUNDLE_PATH
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = installed.DEPLOY / "opa"
        token_path = f"services.hub.credentials.bearer.token_path={self.keys.bundle_token_file}"
        self.program = Program(
            name="OPA",
            command=[
                *(str(installed.opa_program()), "run", "--server"),
                *("--addr", f"127.0.0.1:{self.port}"),
                *("--authentication", "token", "--authorization", "basic"),
                *("--config-file", str(settings / "config.yaml")),
                "--skip-version-check",  # nothing leaves this machine
                *("--set", token_path),
                *("--set-file", f"keys.{KEY_ID}.key={self.keys.bundle_public_key_file}"),
                str(settings / "authz.rego"),
                f"access:{self.keys.access_file}",
            ],
            environment={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "CONCORD_API_URL": self.api_url,
                "CONCORD_BUNDLE_PATH": self.bundle_path,
            },
            log=self.folder / "opa.log",
            ready=self._answers,
        )

    @property
    def url(self) -> str:
        """The address that the API is given."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """What the API must show."""
        return self.keys.token

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.TransportError:
            return False

    def has_bundle(self) -> bool:
        """Whether a bundle that verified is in force."""
        return httpx.get(f"{self.url}/health?bundles=true", timeout=5).is_success

    def wait_for_bundle(self, seconds: float = 20) -> None:
        """Return once a bundle is in force; TimeoutError otherwise."""
        wait_until(self.has_bundle, seconds=seconds, waiting_for="OPA's first bundle")

    def start(self) -> RealOpa:
        """Start OPA, or start it again: it then has no bundle until it has fetched one."""
        self.program.start()
        return self

    def stop(self) -> None:
        """Stop OPA."""
        self.program.stop()


class BundleServer:
    """Serves one bundle to whoever shows the token, as the API does; the bundle can be replaced."""

    def __init__(self, token: str) -> None:
        """Listens on a loopback port from now on; serves nothing until `publish`."""
        self._bundle: bytes | None = None
        self._token = token
        self.refused = 0
        self.unchanged = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of this server."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def publish(self, bundle: bytes) -> None:
        """Serve this bundle from now on."""
        self._bundle = bundle

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, authorization: str, known: str) -> tuple[int, str, bytes]:
        if not secrets.compare_digest(authorization, f"Bearer {self._token}"):
            self.refused += 1
            return 401, "", b""
        if self._bundle is None:
            return 404, "", b""
        tag = f'"{hashlib.sha256(self._bundle).hexdigest()}"'
        if known == tag:
            self.unchanged += 1
            return 304, tag, b""
        return 200, tag, self._bundle

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, tag, body = server._answer(
                    self.headers.get("Authorization", ""), self.headers.get("If-None-Match", "")
                )
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if tag:
                    self.send_header("ETag", tag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: the tests look at the counters."""

        return Handler
