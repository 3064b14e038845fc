"""Model checkpoints on this machine: which are known, which are here, how to get them."""
