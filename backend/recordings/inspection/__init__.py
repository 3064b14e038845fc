"""What uploaded videos are, and what an import would make of them, before it begins."""
