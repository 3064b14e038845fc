"""What pre-labels of recordings are worth: forecast from approved recordings, by model."""
