"""The grammar of srcad's intermediate representation (IR).

Everything between the frontend and the emitter is made of these frozen dataclasses. Control flow is
structured: there is no control-flow graph, so that the adjoint of a program is structured too.

The same grammar has two levels.

*Surface* IR is what the frontend makes: expressions nest freely, ``Return``, ``Break`` and
``Continue`` stand anywhere, ``AugAssign`` and ``Store`` have any expression as their target.

*Normal* IR is what `passes` leave, and what everything after them reads and writes:

* the right-hand side of an `Assign` is an operand or one `Call` of operands (three-address form);
* an *operand* is an atom (`Var`, `Const`, `Ref`) or a `Tuple`, `List`, `Dict`, `Slice` of operands:
  constructors may nest, operations may not;
* there is no `BoolOp` and no `IfExp` (they are `If` statements on a temporary);
* there is no `Continue`; `Break` is the last statement of a loop body or of a branch in tail
  position; the only `Return` is the last statement of the function;
* `For.iter` is an operand, or nested calls of ``range``, ``zip``, ``enumerate``, ``reversed`` on
  operands;
* a `For.target` is a `Var`; patterns have become an `Unpack` at the head of the body.

Operators are calls: ``a + b`` is ``Call(Ref("operator.add", operator.add), (a, b))``, ``x[i]`` a
call of ``operator.getitem``, ``-x`` of ``operator.neg``, ``a < b`` of ``operator.lt``, ``not a`` of
``operator.not_``, ``a is b`` of ``operator.is_``, ``k in d`` of ``operator.contains`` on ``(d,
k)``. So one table of rules serves functions and operators alike.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

__all__ = [
    "Assign",
    "Atom",
    "Attr",
    "AugAssign",
    "Block",
    "BoolOp",
    "Break",
    "Call",
    "Capture",
    "Const",
    "Continue",
    "Dict",
    "Do",
    "Expr",
    "For",
    "Function",
    "If",
    "IfExp",
    "List",
    "Memo",
    "Note",
    "Origin",
    "Param",
    "Raise",
    "Ref",
    "Return",
    "Slice",
    "Source",
    "Star",
    "Stmt",
    "Store",
    "Target",
    "Tuple",
    "Unpack",
    "Var",
    "While",
]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the user's file a statement or expression stands, and the comments that go with it.

    ``line`` and ``end_line`` count from 1, ``col`` and ``end_col`` from 0. ``comment`` is the
    trailing comment without its ``#``; ``above`` are the comment lines directly above, likewise.
    """

    line: int
    col: int = 0
    end_line: int = 0
    end_col: int = 0
    comment: str = ""
    above: tuple[str, ...] = ()

    @property
    def bare(self) -> Origin:
        """The place alone, without the comments."""
        if not self.comment and not self.above:
            return self
        return Origin(self.line, self.col, self.end_line, self.end_col)


class Memo:
    """Room for what follows from a node alone: `srcad.ir.walk` fills it when first asked.

    Nodes never change, and every pass asks anew what a statement reads.
    """

    __slots__ = ("binds", "hashed", "inside", "mentions", "reads")

    binds: tuple[Var, ...]
    hashed: int
    inside: tuple[Stmt, ...]
    mentions: tuple[Var, ...]
    reads: tuple[Var, ...]


# --- expressions ---------------------------------------------------------------------------------

_lock = threading.Lock()
_variables: dict[tuple[str, int, bool], Var] = {}


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Var(Memo):
    """A local variable: the user's (``n == 0``), a later web of one, or one that srcad ``made``.

    ``made`` tells an adjoint ``x_bar`` or a temporary ``t`` from variables that the user calls so.
    There is one object for each variable, so equality is identity. Variables are the keys of nearly
    every table, and a table asks for hashes and equality all the time.
    """

    base: str
    n: int = 0
    made: bool = field(default=False, repr=False)
    name: str = field(init=False, repr=False)

    def __new__(cls, base: str, n: int = 0, made: bool = False) -> Var:
        found = _variables.get((base, n, made))
        if found is None:
            new = object.__new__(cls)
            name = f"{base}_{n}" if n else base
            fields = {"base": base, "n": n, "made": made, "name": name, "reads": (new,)}
            for key, value in fields.items():
                object.__setattr__(new, key, value)
            with _lock:
                found = _variables.setdefault((base, n, made), new)
        return found

    def __reduce__(self) -> tuple[type[Var], tuple[str, int, bool]]:
        return Var, (self.base, self.n, self.made)


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A number, string, bytes, bool, ``None`` or ``Ellipsis``; ``1``, ``1.0``, ``True`` differ."""

    value: object
    reads: ClassVar[tuple[Var, ...]] = ()  # as a `Memo`, which has nothing to find here

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Const):
            return False
        a, b = self.value, other.value
        return a is b or (type(a) is type(b) and repr(a) == repr(b))

    def __hash__(self) -> int:
        return hash((type(self.value), repr(self.value)))


@dataclass(frozen=True, slots=True, eq=False)
class Ref:
    """A live object that the program names: a function, a module's member, a global.

    ``path`` is the dotted text that reaches it (``"np.tanh"``, ``"layer"``, ``"operator.add"``).
    Equality is identity of the object.
    """

    path: str
    value: object
    reads: ClassVar[tuple[Var, ...]] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ref) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


Atom = Var | Const | Ref


@dataclass(frozen=True, slots=True)
class Attr(Memo):
    """``value.name``. Typed normal IR has none: methods, attributes and fields are resolved."""

    value: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Star(Memo):
    """``*value`` among a call's arguments or a constructor's items."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Memo):
    """``fn(*args, **kwargs)``; a keyword named ``"**"`` is a ``**mapping`` (surface IR only).

    ``spell`` is how to print it where the plain call is not what one would write: ``".sum"`` prints
    ``args[0].sum(args[1:])``, ``"@T"`` prints the attribute ``args[0].T``, and ``"[None]"`` prints
    `numpy.expand_dims` as ``args[0][:, None]``; ``"="`` is what is stored where ``args[0]`` was. It
    never changes a meaning.
    """

    fn: Expr
    args: tuple[Expr, ...] = ()
    kwargs: tuple[tuple[str, Expr], ...] = ()
    spell: str = field(default="", compare=False)
    origin: Origin | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        try:
            return self.hashed
        except AttributeError:
            object.__setattr__(self, "hashed", hash((self.fn, self.args, self.kwargs)))
            return self.hashed


@dataclass(frozen=True, slots=True)
class Tuple(Memo):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class List(Memo):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Dict(Memo):
    keys: tuple[Expr, ...]
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Slice(Memo):
    """``start:stop:step`` inside an index; an absent part is ``Const(None)``."""

    start: Expr
    stop: Expr
    step: Expr


@dataclass(frozen=True, slots=True)
class BoolOp(Memo):
    """``left and right`` or ``left or right``, as ``op`` says; longer chains nest right."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IfExp(Memo):
    test: Expr
    then: Expr
    orelse: Expr


Expr = Var | Const | Ref | Attr | Star | Call | Tuple | List | Dict | Slice | BoolOp | IfExp


# --- statements ----------------------------------------------------------------------------------

Target = Var | Tuple
"""What a surface assignment binds: a name, or a `Tuple` of targets (``Star`` inside is refused)."""


@dataclass(frozen=True, slots=True)
class Assign(Memo):
    """``target = value``. A `Tuple` target occurs in surface IR only."""

    target: Target
    value: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unpack(Memo):
    """``a, b = value``, as long as the targets are; ``None`` discards that item (``_``)."""

    targets: tuple[Var | None, ...]
    value: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Store(Memo):
    """``obj[index] = value``."""

    obj: Expr
    index: Expr
    value: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AugAssign(Memo):
    """``obj op= value`` (``index is None``) or ``obj[index] op= value``; ``op`` is binary.

    In typed normal IR the object is an array or list and this mutates it: a scalar's ``x += y`` has
    become ``x = x + y``. ``old`` is the item as it was before ``value`` was computed, where a call
    in ``value`` may change it; `srcad.passes.read_items` drops it.
    """

    obj: Expr
    index: Expr | None
    op: Ref
    value: Expr
    origin: Origin | None = field(default=None, compare=False)
    old: Expr | None = None


@dataclass(frozen=True, slots=True)
class Do(Memo):
    """A call made for its effect: ``xs.append(x)``, ``print(x)``."""

    call: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class If(Memo):
    test: Expr
    then: Block
    orelse: Block = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class For(Memo):
    target: Target
    iter: Expr
    body: Block
    orelse: Block = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class While(Memo):
    """``while test``; ``header`` computes ``test`` before each turn (empty in surface IR)."""

    header: Block
    test: Expr
    body: Block
    orelse: Block = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Break(Memo):
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Continue(Memo):
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Return(Memo):
    value: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Raise(Memo):
    """``raise value``; an ``assert`` is an `If` around one."""

    value: Expr
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Note(Memo):
    """A comment line of its own in generated code, such as ``# backward``."""

    text: str
    origin: Origin | None = field(default=None, compare=False)


Stmt = (
    Assign
    | Unpack
    | Store
    | AugAssign
    | Do
    | If
    | For
    | While
    | Break
    | Continue
    | Return
    | Raise
    | Note
)
Block = tuple[Stmt, ...]


# --- functions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: ``"positional"``, ``"keyword"``, ``"args"`` (``*xs``) or ``"kwargs"``."""

    var: Var
    default: Ref | Const | None = None
    kind: str = "positional"


@dataclass(frozen=True, slots=True)
class Source:
    """The text a function came from, for origins and error messages.

    ``lines`` are the lines of the whole file as far as known; ``first_line`` is the ``def``'s own
    number.
    """

    filename: str
    first_line: int
    qualname: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """A global or closure name that the function reads, with the value it had when it was read.

    ``read`` tells how to see its present value: ``("global", name)`` or ``("closure", name)``.
    """

    name: str
    value: object
    read: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Function(Memo):
    """A function; ``context`` is the context manager that its body runs in, if any.

    One that ``hands_over`` returns last what only its backward half sees.
    """

    name: str
    params: tuple[Param, ...]
    body: Block
    source: Source
    captures: tuple[Capture, ...] = ()
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    context: Call | None = None
    hands_over: bool = False
