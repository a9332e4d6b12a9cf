"""Programs of the corpus with a few statements changed at random.

What a program does matters less than how its parts meet: an alias here, an update in place there, a
loop around a statement. Many mutants raise, or have no derivative; these are left out by whoever
asks.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from random import Random
from typing import Any

__all__ = ["mutant"]

Change = Callable[["_Place"], bool]


class _Place:
    """A place in a block of a function, and the names that may be used there."""

    def __init__(self, fn: ast.FunctionDef, random: Random) -> None:
        blocks = [
            block
            for node in ast.walk(fn)
            for block in (getattr(node, "body", None), getattr(node, "orelse", None))
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt)
        ]
        stored = (n.id for n in ast.walk(fn) if isinstance(n, ast.Name))
        bound = {a.arg for a in fn.args.args} | set(stored)
        names = sorted(bound & (_assigned(fn) | {a.arg for a in fn.args.args}))
        self.random = random
        self.block = random.choice(blocks)
        self.at = random.randrange(len(self.block))
        self.x, self.y = random.choice(names), random.choice(names)

    @property
    def here(self) -> ast.stmt:
        return self.block[self.at]

    def insert(self, text: str) -> bool:
        self.block[self.at : self.at] = ast.parse(text).body
        return True

    def wrap(self, head: str) -> bool:
        """Put the statement below ``head``, unless it leaves the function or a loop."""
        if isinstance(self.here, ast.Return | ast.Break | ast.Continue):
            return False
        (around,) = ast.parse(f"{head}\n    pass").body
        around.body = [self.here]  # type: ignore[attr-defined]  # a loop or a branch
        self.block[self.at] = around
        return True


def _assigned(fn: ast.FunctionDef) -> set[str]:
    return {n.id for n in ast.walk(fn) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _again(place: _Place) -> bool:
    return place.wrap("for _ in range(2):")


def _in_a_branch(place: _Place) -> bool:
    limit = place.random.choice(["-100.0", "0.1", "100.0"])
    return place.wrap(f"if np.sum({place.x}) > {limit}:")


def _renamed(place: _Place) -> bool:
    return place.insert(f"{place.x} = {place.y}")


def _exchanged(place: _Place) -> bool:
    return place.insert(f"{place.x}, {place.y} = {place.y}, {place.x}")


def _scaled(place: _Place) -> bool:
    return place.insert(f"{place.x} *= {place.random.choice(['0.7', place.y])}")


def _updated(place: _Place) -> bool:
    index = place.random.choice(["0", "-1", ":1", "...", "1:", "::2"])
    value = place.random.choice(["0.5", place.y, f"{place.x}[-1] * {place.x}[0]"])
    return place.insert(f"{place.x}[{index}] {place.random.choice(['=', '+=', '*='])} {value}")


def _viewed(place: _Place) -> bool:
    forms = ("{}[::-1]", "{}.copy()", "{} * 1.0", "{}[...]", "np.sin({})", "{}.T")
    return place.insert(f"{place.x} = {place.random.choice(forms).format(place.x)}")


def _updated_by_another_name(place: _Place) -> bool:
    return place.insert(f"other = {place.x}\nother += {place.random.choice(['0.2', place.y])}")


def _updated_by_a_function(place: _Place) -> bool:
    body = "    u[0] = u[0] * 0.5\n    return u"
    return place.insert(f"def halved(u):\n{body}\n{place.x} = halved({place.y})")


def _filled(place: _Place) -> bool:
    match place.here:
        case ast.Assign(targets=[ast.Name(name)]):
            (store,) = ast.parse(f"{name}[...] = 0").body
            place.here.targets = store.targets  # type: ignore[attr-defined]  # an assignment
            return True
        case _:
            return False


_CHANGES: tuple[Change, ...] = (
    *(_again, _in_a_branch, _renamed, _exchanged, _scaled, _updated, _viewed),
    *(_updated_by_another_name, _updated_by_a_function, _filled),
)


def mutant(fn: Any, random: Random) -> str | None:
    """The text of ``fn``, a plain function in a file, changed; ``None`` if it was not."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(fn))).body
    if not isinstance(tree, ast.FunctionDef):
        return None
    tree.decorator_list = []
    changes = [random.choice(_CHANGES)(_Place(tree, random)) for _ in range(random.randint(1, 3))]
    return f"{ast.unparse(ast.fix_missing_locations(tree))}\n" if any(changes) else None
