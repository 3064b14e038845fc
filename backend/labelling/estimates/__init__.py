"""What was inferred of frames that nobody decided: read, replaced, and taken by people."""
