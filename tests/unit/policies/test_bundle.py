"""A bundle is its content: the revision says which, and the archive is what OPA reads."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from policies.agreements import load
from policies.bundle import ROOTS, assemble, build


def files(archive: bytes) -> dict[str, bytes]:
    """Read the files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        return {
            entry.name.lstrip("/"): found.read()
            for entry in tar
            if (found := tar.extractfile(entry)) is not None
        }


def test_equal_content_has_equal_revision_and_bytes() -> None:
    """Two builds of the same agreements are the same bundle, whatever their order."""
    one, other = build(), assemble(reversed(load()))
    assert one.revision == other.revision
    assert one.archive() == other.archive()


def test_another_word_is_another_revision() -> None:
    """A changed status changes the revision."""
    changed = [{**load()[0], "status": "suspended"}, *load()[1:]]
    assert assemble(changed).revision != build().revision


def test_the_archive_keeps_rules_and_data_apart() -> None:
    """The manifest names both roots and the revision; tests are not shipped."""
    bundle = build()
    found = files(bundle.archive())
    manifest = json.loads(found[".manifest"])
    assert manifest == {"revision": bundle.revision, "roots": list(ROOTS), "rego_version": 1}
    assert json.loads(found["agreements/data.json"])["revision"] == bundle.revision
    assert {name.split("/")[0] for name in found} == {".manifest", "agreements", "concord"}
    assert not [name for name in found if name.endswith("_test.rego")]


def test_a_signed_archive_names_a_digest_of_every_file() -> None:
    """The signature covers each file but itself, under the key's id."""
    key = ec.generate_private_key(ec.SECP256R1())
    found = files(build().archive(key, "hub"))
    (token,) = json.loads(found.pop(".signatures.json"))["signatures"]
    claims = jwt.decode(token, ECKey.import_key(_public(key)), algorithms=["ES256"])
    assert claims.header["kid"] == "hub"
    assert {row["name"] for row in claims.claims["files"]} == set(found)


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_texts_for_officers_are_not_policy_data() -> None:
    """The bundle carries what rules read, not titles and contacts."""
    data = build().data["agreements"]
    assert "contacts" not in data["by_id"]["cmarac-partnership"]
    assert "text" not in data["by_id"]["cmarac-partnership"]["clauses"][0]


@pytest.mark.parametrize("purpose", ["cmarac-case", "tenancy-support", "tension-monitoring"])
def test_agreements_are_found_by_purpose(purpose: str) -> None:
    """A decision looks at the agreements of its purpose alone."""
    assert len(build().data["agreements"]["by_purpose"][purpose]) == 1
