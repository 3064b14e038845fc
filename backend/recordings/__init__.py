"""Recording sessions: import, assignment, and their way through the stages."""
