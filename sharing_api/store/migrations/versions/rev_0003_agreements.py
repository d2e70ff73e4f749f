"""Versions of agreements and what happened to them; emergencies, their uses and their reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sharing_api.store import agreement_tables, emergency_tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ONCE = "kind IN ('live', 'superseded', 'withdrawn', 'lapsed')"


def upgrade() -> None:
    """Create the tables, then what lets them only grow."""
    _agreements()
    _emergencies()
    dialect = op.get_bind().dialect.name
    for statement in (*agreement_tables.statements(dialect), *emergency_tables.statements(dialect)):
        op.execute(sa.text(statement))


def _agreements() -> None:
    op.create_table(
        "agreement_versions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_agency", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_agreement_versions")),
    )
    op.create_index(
        op.f("ix_agreement_versions_agreement_id_version"),
        "agreement_versions",
        ["agreement_id", "version"],
    )
    op.create_table(
        "agreement_events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_agreement_events")),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["agreement_versions.digest"],
            name=op.f("fk_agreement_events_digest_agreement_versions"),
        ),
    )
    op.create_index(op.f("ix_agreement_events_agreement_id"), "agreement_events", ["agreement_id"])
    for name, columns, where in (
        ("approved", ["agreement_id", "version"], "kind = 'approved'"),
        ("once", ["digest", "kind"], _ONCE),
    ):
        op.create_index(
            f"uq_agreement_events_{name}",
            "agreement_events",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _emergencies() -> None:
    op.create_table(
        "emergency_requests",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_emergency_requests")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_emergency_requests_ordinal")),
    )
    op.create_table(
        "emergency_confirmations",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_emergency_confirmations")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["emergency_requests.request_id"],
            name=op.f("fk_emergency_confirmations_request_id_emergency_requests"),
        ),
    )
    op.create_table(
        "emergency_uses",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "request_id",
                "actor",
                "agency",
                "approver",
                "purpose",
                "justification",
                "record_ids",
                "fields",
                "set_aside",
            )
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_emergency_uses")),
    )
    op.create_index(op.f("ix_emergency_uses_request_id"), "emergency_uses", ["request_id"])
    op.create_table(
        "emergency_reviews",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_emergency_reviews")),
        sa.ForeignKeyConstraint(
            ["sequence"],
            ["emergency_uses.sequence"],
            name=op.f("fk_emergency_reviews_sequence_emergency_uses"),
        ),
    )


def downgrade() -> None:
    """Refuse: it would delete what officers decided."""
    raise RuntimeError("cannot be taken back: it would delete what officers decided")
