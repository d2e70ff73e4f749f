"""Triggers that let the rows of a table neither change nor go, on SQLite and PostgreSQL."""

from __future__ import annotations


def append_only(dialect: str, table: str, said: str) -> tuple[str, ...]:
    """Give the statements for a table; `said` is what a forbidden change is answered."""
    if dialect == "postgresql":
        return (
            (
                f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'append-only: {said}'; END $$"
            ),
            (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
            ),
        )
    return tuple(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {said}'); END"
        for deed in ("UPDATE", "DELETE")
    )
