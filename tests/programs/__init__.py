"""The corpus: small programs, each an ordinary function that srcad is to differentiate.

Every function decorated with `program` is picked up by ``tests/test_programs.py``, and every one of
them is differentiated and agrees with differences. What srcad refuses, since it is not proved which
array or list a change reaches, stands apart in ``tests/test_refused_programs.py``.
"""
