"""Instants that all cameras of a session saw."""
