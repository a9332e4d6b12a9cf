"""Rewrites that make it plainer which name is which array, one a file; `untangle` joins them."""
