"""What endpoints ask for, and how errors become answers."""
