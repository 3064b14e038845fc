"""Models: their checkpoints, later their runs, predictions and evaluations.

Belongs here: what is known about a model and its files. The networks themselves are the worker's.
"""
