"""Why a memory that was kept is not taken over. Imports nothing that has to be compiled."""


class DumpError(ValueError):
    """Pieces that are no memory of linkage, are of another epoch, or were altered."""
