"""Template tags of the recall pages."""
