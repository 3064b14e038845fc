"""Independent attempts: gold frames, second annotations, training, and one answer made of two."""
