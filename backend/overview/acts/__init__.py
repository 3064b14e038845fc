"""Calls that change a recording and answer with its page."""
