"""Acts of a person on many frames at once: a verdict, acceptance in playback, undoing either."""
