"""A recall while it is prepared: one page per step, each kept as it is left."""
