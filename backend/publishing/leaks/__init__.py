"""Whether splits that lie in files leak: any COCO set, with or without its images.

``split_files`` tells which file is which split, ``reading`` what a file holds, ``pictures`` where
the images lie and what is known of them, ``checking`` compares, ``report`` is what is found. The
rules of what counts stand in ``backend.domain.splits``.
"""
