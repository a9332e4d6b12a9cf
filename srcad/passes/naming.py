"""Fresh names for a pass."""

from __future__ import annotations

from srcad.ir.names import Names
from srcad.ir.nodes import Function, Ref, Var
from srcad.ir.walk import bound, expressions, statements, subexpressions

__all__ = ["names_of"]


def names_of(fn: Function) -> Names:
    """Names that ``fn`` uses neither for variables nor for what it refers to."""
    taken = {p.var.name for p in fn.params}
    for stmt in statements(fn):
        taken.update(v.name for v in bound(stmt))
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, Var):
                    taken.add(part.name)
                elif isinstance(part, Ref):
                    taken.add(part.path.partition(".")[0])
    return Names(taken)
