"""People and systems ask here: HTTP API, feeds, store and projector behind the release gate."""
