"""Which mentions are one person, from encodings alone: hub incidents in, entities out.

Pure but for the matcher's memory; knows no name, no agency's format and no rule about alerts.
"""
