"""DeepLabCut: tables of labelled images and of predictions."""
