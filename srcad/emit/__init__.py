"""From the IR to readable text, and from the text to a function."""
