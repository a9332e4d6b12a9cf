"""What one call brings and what it gets: parameters, arguments, checks, results."""
