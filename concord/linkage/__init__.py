"""What `concord linkage` does: one module for each command."""
