"""For partner systems: read their files, check them, and publish to the hub."""
