"""Masks and boxes: proposed by a model, redrawn and judged by people."""
