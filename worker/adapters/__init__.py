"""Models behind protocols: arrays and domain dataclasses in and out, never tensors."""
