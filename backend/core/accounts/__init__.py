"""People, log-ins, API tokens, and who may do what."""
