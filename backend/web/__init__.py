"""The pages: one HTML shell, rendered from the built frontend's manifest."""
