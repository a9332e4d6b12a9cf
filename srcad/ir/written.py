"""What is called, as the user wrote it."""

from __future__ import annotations

import re

from srcad.ir.nodes import Call, Origin, Ref, Source

__all__ = ["written"]

_DOTTED = re.compile(r"\w+(\.\w+)+(?=\()")


def written(call: Call, source: Source, origin: Origin | None) -> str:
    """The name of the function that ``call`` calls, for messages.

    The name in the text that is generated is not the user's where the function is held by an
    object: ``Generator_normal``.

    Examples
    --------
    >>> source = Source("f.py", 1, "f", ("def f(x):", "    return rng.normal(x)"))
    >>> call = Call(Ref("Generator_normal", max), (), origin=Origin(2, 11, 2, 24))
    >>> written(call, source, None)
    'rng.normal'
    """
    path = call.fn.path if isinstance(call.fn, Ref) else "this call"
    where = call.origin or origin
    if "." in path or where is None or not 1 <= where.line <= len(source.lines):
        return path
    found = _DOTTED.match(source.lines[where.line - 1], where.col)
    return found[0] if found else path
