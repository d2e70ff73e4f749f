"""The open feed: counts for everybody, with noise on every cell (docs/decisions/0135).

Pure parts: `tables` (what is published, and what it may spend), `periods`, `noise`, `counting`,
`bands`, `sentence`. `publishing` draws and stores in one transaction; `keeping` is the projector's
side; `running` keeps the timetable. Nothing here reads a clock but `running`.
"""
