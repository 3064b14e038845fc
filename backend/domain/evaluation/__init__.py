"""How predictions are measured against ground truth: every definition once, on arrays.

Nothing here reads a file. ``samples`` holds what is compared, ``conventions`` says which definition
and which convention stands behind each number.
"""
