"""Undoing an import as a whole: what goes with it, what prevents it, and the act itself."""
