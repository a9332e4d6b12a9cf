"""What `grad` and its kin return, and what they keep."""
