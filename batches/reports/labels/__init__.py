"""Labels: what they say (`content`), where it stands (`layout`), as PDF, SVG and PNG."""
