"""One module for each group of commands; what they do is elsewhere."""
