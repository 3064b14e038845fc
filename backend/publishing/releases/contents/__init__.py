"""What a reader sees of a release: its statistics, its frames, what changed."""
