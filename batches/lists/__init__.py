"""The list kit: what every list page of every app shares, and no page of its own."""
