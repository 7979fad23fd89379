"""What pages show: plain functions from rows to values; they change nothing."""
