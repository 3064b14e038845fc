"""The table of recordings, one recording's page, its activity, and what waits for a person."""
