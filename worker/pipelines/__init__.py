"""What each kind of job does, from reading its inputs to saving its results."""
