"""The rendered demo: loading it, and the pre-labels and masks that are simulated from its truth."""
