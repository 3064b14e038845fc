"""Versioned calibrations of a recording's cameras."""
