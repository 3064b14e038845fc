"""Running the product: set-up, embedded servers, and the supervisor of all processes."""
