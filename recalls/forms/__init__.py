"""What people type about recalls, read and checked; nothing here writes."""
