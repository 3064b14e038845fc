"""Versioned calibrations of a recording session's cameras."""
