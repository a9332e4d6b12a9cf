"""The corpus: small programs, each an ordinary function that srcad is to differentiate.

Every function decorated with `program` is picked up by ``tests/test_programs.py``.
"""
