"""Body fits: asking for them, storing, judging and exporting them."""
