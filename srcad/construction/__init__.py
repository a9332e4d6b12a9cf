"""One derivative under construction: the stages for one function after the other."""
