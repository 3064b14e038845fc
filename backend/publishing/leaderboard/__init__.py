"""Predictions measured on published releases: who predicts best, and where each goes wrong."""
