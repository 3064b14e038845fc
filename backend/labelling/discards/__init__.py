"""Ranges of frames that measures and models propose to leave out, and what people say of them."""
