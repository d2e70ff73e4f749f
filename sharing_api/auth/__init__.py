"""Who asks: bearer tokens, their issuers and the asker they stand for."""
