"""Releases of a dataset: versions, states, what is selected, what blocks."""
