"""A frame as a whole: joints, verdict, box and mark, written together or not at all."""
