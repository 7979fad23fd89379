"""Forms of the staff pages of this app."""
