"""Functions with the gradient an expert would write: the standard that generated text is held to.

Each module has the primal ``NAME``, its gradient ``NAME_grad``, the helpers these call, and
``ARGNUMS``, ``HELPERS`` (functions of the user that the gradient may call), ``WRITTEN`` (the
functions that make up the hand-written gradient) and ``arguments(rng)``. The reviewed text that
srcad makes is ``NAME.txt``; ``python -m tests.golden.update`` writes it anew.
"""
