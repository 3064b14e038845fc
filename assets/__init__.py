"""What makes the files that ship with the product: the rendered demo and the open infant body.

Not part of the product: nothing in ``backend`` or ``worker`` imports it, and no image or package
contains it. It needs the extra ``synthesis``.
"""
