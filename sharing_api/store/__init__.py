"""The SQL store: tables, engine, migrations, queries, ledger; it decides nothing about release."""
