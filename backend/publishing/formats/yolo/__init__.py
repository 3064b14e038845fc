"""YOLO-pose: a folder with a YAML file, images, and a text file of labels for each image."""
