"""Reading what is evaluated: ground truth and predictions as files."""
