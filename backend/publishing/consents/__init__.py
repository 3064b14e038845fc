"""What families agreed to for their infants, and how it is taken back."""
