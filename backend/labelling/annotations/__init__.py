"""Joints and verdicts: what people and models say of each frame, with its whole history."""
