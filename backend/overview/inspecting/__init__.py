"""What an inspector compares: model, annotator and rounds, frame by frame and as a whole."""
