"""High and low water, roughly."""
