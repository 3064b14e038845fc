"""labelme: one JSON file for each image."""
