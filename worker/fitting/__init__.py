"""Body fits: a posed infant body for every moment of a recording session."""
