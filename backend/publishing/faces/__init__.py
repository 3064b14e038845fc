"""A published release's sample of masked images, looked through by a person."""
