"""The rules of the dataset. Standard library and numpy only; no web, database or model code."""
