"""Frames as the editor sees them: filmstrip, document, pictures, marks."""
