"""Making of the body model that ships with the product.

Nothing here runs in the product: ``make_open_infant`` writes the file that the product reads.
"""
