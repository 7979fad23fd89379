"""The demo story: a small maker of granola, its almond supplier, its stores."""
