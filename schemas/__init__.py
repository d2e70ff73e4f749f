"""What travels: records, topics, framing, signatures, seals. Knows nobody who sends or reads."""
