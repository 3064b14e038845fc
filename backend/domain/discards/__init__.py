"""Which ranges of frames measures and models say should be left out, and why."""
