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
        self.fn = fn
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


def _in_a_buffer(place: _Place) -> bool:
    match place.here:
        case ast.Assign(targets=[ast.Name(name)], value=value):
            made = ast.unparse(value)
            lines = (f"made = np.zeros(np.shape({made}))", f"made[...] = {made}", f"{name} = made")
            place.block[place.at : place.at + 1] = ast.parse("\n".join(lines)).body
            return True
        case _:
            return False


def _boxed(place: _Place) -> bool:
    x, y = place.x, place.y
    box, first = place.random.choice(
        [
            *(
                (f"[{x}, {y}]", "0"),
                (f"({x}, {y})", "0"),
                (f"list({x})", "0"),
                (f"(*{x}, 1.0)", "1"),
            ),
            *((f"{{'a': {x}, 'b': {y}}}", "'a'"), (f"[r for r in {x}]", "-1")),
        ]
    )
    use = place.random.choice(
        [
            *(f"{x} = box[{first}]", f"box[{first}] = {y} * 0.5\n{y} = box[{first}]"),
            *(f"{x}[0] = 0.3\n{y} = box[{first}]", f"{x} = {x} + sum(np.sum(v) for v in box)"),
            *(f"for v in box:\n    {x} = {x} + 0.1 * v", f"{x}, {y} = box", f"{x}, {x} = box"),
            *(f"{y} = box.pop()", f"{x} = np.array(box)", f"{x} = np.stack(box).sum(axis=0)"),
        ]
    )
    return place.insert(f"box = {box}\n{use}")


def _carried(place: _Place) -> bool:
    """Let a loop give something on from turn to turn, and to what follows it."""
    loops = [
        (block, at, stmt)
        for node in ast.walk(place.fn)
        for block in (getattr(node, "body", None), getattr(node, "orelse", None))
        if isinstance(block, list)
        for at, stmt in enumerate(block)
        if isinstance(stmt, ast.For)
    ]
    if not loops:
        return False
    block, at, loop = place.random.choice(loops)
    x = place.x
    start = place.random.choice([x, f"{x} * 0.5", "0.0", f"({x}, {x})", f"[{x}]", "None"])
    turn = place.random.choice(
        [
            *(f"kept = {x}", f"kept = {x}[1:]", f"kept += {x}", f"{x}, kept = kept, {x}"),
            *(f"kept.append({x})", f"kept = ({x}, kept[0])", f"{x} = {x} + 0.1 * kept"),
        ]
    )
    after = place.random.choice([f"{x} = {x} + kept", f"{x} = kept[0]", f"{x} = sum(kept)"])
    loop.body[(n := place.random.randint(0, len(loop.body))) : n] = ast.parse(turn).body
    block[at : at + 1] = [*ast.parse(f"kept = {start}").body, loop, *ast.parse(after).body]
    return True


def _left_early(place: _Place) -> bool:
    returned = [n.value for n in ast.walk(place.fn) if isinstance(n, ast.Return) and n.value]
    if not returned:
        return False
    limit = place.random.choice(["-100.0", "0.1", "100.0"])
    value = ast.unparse(place.random.choice(returned))
    return place.insert(f"if np.sum({place.x}) > {limit}:\n    return {value}")


def _moved(place: _Place) -> bool:
    """Exchange a statement with the next."""
    after = place.at + 1
    if after == len(place.block) or isinstance(place.block[after], ast.Return):
        return False
    place.block[place.at : after + 1] = [place.block[after], place.here]
    return True


def _read_otherwise(place: _Place) -> bool:
    """Take one of the reads of a variable for something made of it."""
    reads = [
        n
        for n in ast.walk(place.fn)
        if isinstance(n, ast.Name) and n.id == place.x and isinstance(n.ctx, ast.Load)
    ]
    if not reads:
        return False
    read = place.random.choice(reads)
    forms = ("np.squeeze({})", "{}[...]", "{}[::-1]", "np.cumsum({}, axis=0)", "np.tril({})")
    form = place.random.choice((*forms, "np.concatenate({})", "sum({})", "({}, 1.0)[0]", "{}.T"))
    (made,) = ast.parse(form.format(place.x)).body
    assert isinstance(made, ast.Expr)

    class Reader(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return made.value if node is read else node

    Reader().visit(place.fn)
    return True


_CHANGES: tuple[Change, ...] = (
    *(_again, _in_a_branch, _renamed, _exchanged, _scaled, _updated, _viewed),
    *(_updated_by_another_name, _updated_by_a_function, _filled, _in_a_buffer),
    *(_boxed, _carried, _left_early, _moved, _read_otherwise),
)


def mutant(fn: Any, random: Random) -> str | None:
    """The text of ``fn``, a plain function in a file, changed; ``None`` if it was not."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(fn))).body
    if not isinstance(tree, ast.FunctionDef):
        return None
    tree.decorator_list = []
    changes = [random.choice(_CHANGES)(_Place(tree, random)) for _ in range(random.randint(1, 3))]
    text = f"{ast.unparse(ast.fix_missing_locations(tree))}\n"
    try:
        compile(text, "mutant", "exec")  # a `nonlocal` may come too late
    except SyntaxError:
        return None
    return text if any(changes) else None
