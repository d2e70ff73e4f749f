"""Feeds: what changes is told to subscribers, each change through the release gate first."""
