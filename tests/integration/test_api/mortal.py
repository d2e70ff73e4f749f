"""An API in a process that may be killed and is there again at once.

Run as a module with a folder and the address of a database; the variables `MORTAL_OPA_URL` and
`MORTAL_OPA_TOKEN` name an OPA, or the embedded engine decides. The parent imports everything and
forks; the child serves. When a child dies the parent forks the next one, and says its process id
and port.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import uvicorn

from concord.stack.process import free_port
from policies import agreements, bundle
from policies.embedded import RegorusEngine
from policies.opa import OpaEngine
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds
from sharing_api.app import create_app
from sharing_api.services import Parts
from sharing_api.settings import ApiSettings


def serve(folder: Path, url: str, port: int) -> None:
    """Serve until killed."""
    ring = Keyring.create(folder / "keys")
    made, opa = bundle.build(), os.environ.get("MORTAL_OPA_URL")
    parts = Parts(
        engine=OpaEngine(opa, os.environ["MORTAL_OPA_TOKEN"]) if opa else RegorusEngine(made),
        opener=ring.release_opener,
        pseudonyms=ring.pseudonyms,
        schema_ids=ShippedSchemaIds(),
        bundle=lambda: made,
        agreements=agreements.load,
        signer=lambda: ring.signing,
    )
    settings = ApiSettings(database_url=url, development_issuer=True)
    warnings.simplefilter("ignore")
    uvicorn.run(create_app(settings, parts), port=port, log_level="error")


def main(folder: Path, url: str) -> None:
    """Fork, wait, fork again."""
    while True:
        port = free_port()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # its log is nobody's
            serve(folder, url, port)
            os._exit(0)
        sys.stdout.write(f"{child} {port}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
