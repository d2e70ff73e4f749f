"""The policy bundle: rules and agreements with one revision that is a digest of them all.

The same bundle feeds the embedded engine and, as OPA's tar.gz, any number of OPA servers.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jwt
from joserfc.jwk import ECKey

from policies import agreements as sharing_agreements
from policies.agreements import Agreement, epoch_day
from policies.fields import TREATMENTS, policy_data

ROOTS: Final = ("agreements", "concord")
"""Data and rules live under different roots, so that neither can replace the other."""
ALGORITHM: Final = "ES256"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Rules by file name, data, and their revision (26 characters, derived from the content)."""

    modules: Mapping[str, str]
    data: Mapping[str, Any]
    revision: str

    def archive(
        self, signing_key: EllipticCurvePrivateKey | None = None, key_id: str = ""
    ) -> bytes:
        """Write OPA's bundle: a tar.gz, byte-equal for equal content when it is not signed.

        With a P-256 key it carries .signatures.json (ES256), which OPA verifies under `key_id`.
        """
        files = self._files()
        if signing_key is not None:
            files[".signatures.json"] = _signatures(files, signing_key, key_id)
        return _tar_gz(files)

    def _files(self) -> dict[str, bytes]:
        manifest = {"revision": self.revision, "roots": list(ROOTS), "rego_version": 1}
        files = {
            ".manifest": canonical(manifest),
            "agreements/data.json": canonical(self.data["agreements"]),
        }
        for name, text in self.modules.items():
            files[f"concord/sharing/{name}"] = text.encode("utf-8")
        return files


def build(folder: Path | None = None) -> Bundle:
    """Make the bundle of the packaged rules and the agreements of a folder.

    Raises AgreementInvalid.
    """
    return assemble(sharing_agreements.load(folder))


def assemble(loaded: Iterable[Agreement]) -> Bundle:
    """Make the bundle of the packaged rules and these agreements."""
    rules = resources.files("policies").joinpath("sharing")
    modules = {
        item.name: item.read_text("utf-8")
        for item in sorted(rules.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".rego") and not item.name.endswith("_test.rego")
    }
    content = _data(loaded)
    digest = hashlib.sha256(canonical([modules, content])).digest()
    revision = base64.b32encode(digest).decode("ascii").lower()[:26]
    return Bundle(modules, {"agreements": {**content, "revision": revision}}, revision)


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """Write JSON in one way only: sorted keys, no spaces, UTF-8.

    Half a surrogate pair, which UTF-8 cannot hold, is written as the escape that JSON has for it.
    """
    return _CANONICAL.encode(value).encode("utf-8", "backslashreplace")


def _data(loaded: Iterable[Agreement]) -> dict[str, Any]:
    by_id = {agreement["id"]: _compiled(agreement) for agreement in loaded}
    by_purpose: dict[str, list[str]] = {}
    for name in sorted(by_id):
        for purpose in sorted({p for c in by_id[name]["clauses"] for p in c["purposes"]}):
            by_purpose.setdefault(purpose, []).append(name)
    return {
        "by_id": by_id,
        "by_purpose": by_purpose,
        "by_agency": _by_agency(by_id),
        "fields": policy_data(),
        "treatments": list(TREATMENTS),
    }


def _by_agency(by_id: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Ids of agreements by purpose, then by the agencies that a clause for it names (`*`: all)."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in sorted(by_id):
        pairs = {
            (purpose, agency)
            for clause in by_id[name]["clauses"]
            for purpose in clause["purposes"]
            for agency in clause["recipients"]["agencies"]
        }
        for purpose, agency in sorted(pairs):
            found.setdefault(purpose, {}).setdefault(agency, []).append(name)
    return found


def _compiled(agreement: Agreement) -> dict[str, Any]:
    """Keep what the rules read; dates become days since 1970, since rules only compare numbers."""
    return {
        "version": agreement["version"],
        "status": agreement["status"],
        "starts_day": epoch_day(agreement["starts"]),
        "ends_day": epoch_day(agreement["ends"]),
        "retention_days": agreement["retention_days"],
        "onward_sharing": agreement["onward_sharing"],
        "clauses": [
            {key: value for key, value in clause.items() if key != "text"}
            | {"items": {kind: _ranked(items) for kind, items in clause["items"].items()}}
            for clause in agreement["clauses"]
        ],
    }


def _ranked(items: Mapping[str, str]) -> dict[str, int]:
    """Put numbers for treatments: the rules choose the most open by comparing."""
    return {name: TREATMENTS.index(treatment) for name, treatment in items.items()}


def _signatures(
    files: Mapping[str, bytes], signing_key: EllipticCurvePrivateKey, key_id: str
) -> bytes:
    listed = [
        {
            "name": name,
            "hash": hashlib.sha256(_hashed(name, data)).hexdigest(),
            "algorithm": "SHA-256",
        }
        for name, data in sorted(files.items())
    ]
    pem = signing_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    header = {"alg": ALGORITHM, "kid": key_id}
    token = jwt.encode(header, {"files": listed, "keyid": key_id}, ECKey.import_key(pem))
    return canonical({"signatures": [token]})


def _hashed(name: str, data: bytes) -> bytes:
    """Give the bytes that OPA hashes: for JSON files its own canonical form, which is ours too."""
    return canonical(json.loads(data)) if name.endswith((".json", ".manifest")) else data


def _tar_gz(files: Mapping[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(f"/{name}")
            entry.size = len(data)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)
