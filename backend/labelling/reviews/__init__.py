"""What inspectors say: marks on frames, and comments on frames and joints."""
