"""A catalogue of lighthouses."""
