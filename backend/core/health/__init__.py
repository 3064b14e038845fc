"""Whether the program runs, is ready, and how it fares."""
