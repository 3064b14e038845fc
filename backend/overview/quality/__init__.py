"""Single frames as the editor shows them, and how far people agree."""
