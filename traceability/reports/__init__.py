"""What the pages that need both apps show; reads only."""
