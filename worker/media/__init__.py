"""Videos and images in: decoding, frames, quality measures."""
