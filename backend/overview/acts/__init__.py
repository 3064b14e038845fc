"""Calls that change a recording session and answer with its page."""
