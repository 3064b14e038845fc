"""Bodies of the synthesis in known postures, and what is trained on them."""
