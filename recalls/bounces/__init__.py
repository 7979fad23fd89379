"""Mail that comes back: the signed address it comes to, what it says, and where it is fetched."""
