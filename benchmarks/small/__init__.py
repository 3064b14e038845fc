"""Sections of ``benchmarks.models_small``."""
