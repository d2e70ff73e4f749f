"""The SQL store: tables, engine, migrations, queries and the ledger; nothing here decides who may see what."""
