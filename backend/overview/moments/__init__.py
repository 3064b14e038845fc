"""Moments of a recording, with the frames of all its cameras."""
