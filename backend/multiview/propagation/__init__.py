"""Corrections travel: evidence of a whole recording, and what follows from it for other frames."""
