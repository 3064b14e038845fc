"""What each person sets for themselves: keys of the editor, and how images are looked at."""
