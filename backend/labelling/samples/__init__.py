"""Random samples by which an inspector vouches, and what they looked at."""
