"""One module for each noun that can be asked about; each puts its question to the gate."""
