"""The compiled, incremental linkage engine; its design is docs/decisions/0070."""
