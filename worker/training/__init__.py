"""Training of the pre-labeller on pictures with known joints, by the model libraries' own loop."""
