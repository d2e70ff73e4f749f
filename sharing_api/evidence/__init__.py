"""Evidence: the ledger as a Merkle log, its signed checkpoints, and packs that prove a release.

Pure rules; rows come from `sharing_api.store`, and `concord_verify` checks without this code.
"""
