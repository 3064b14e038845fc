"""Datasets and their releases: chosen by a rule, checked, frozen, written, published, withdrawn."""
