"""Which frames may stand on different sides of a split, and which side they take.

A split is only worth something if nothing that a model was trained on comes back in its test:
frames of one infant, one video or one session never fall on both sides, nor do images that nearly
repeat each other.

``units`` says what is divided, ``components`` what has to stay together and why,
``near_duplicates`` which images repeat each other, ``proposing`` who goes where, ``inheritance``
what earlier versions have settled, ``folds`` the same for cross-validation, ``file_evidence`` what
files of others tell.
"""
