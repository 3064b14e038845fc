"""BlazePose, read from the files that its authors publish, in torch."""
