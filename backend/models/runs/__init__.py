"""Runs of training: their rows, their curves, what may be said of the models that they made."""
