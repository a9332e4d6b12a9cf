"""A function of the IR as Python text, with the user's comments and the lines it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from srcad.emit.expressions import bare, expression_text
from srcad.emit.operators import BINARY
from srcad.emit.patterns import unused_name
from srcad.emit.wrap import WIDTH, wrap
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Continue,
    Do,
    Expr,
    For,
    Function,
    If,
    Note,
    Origin,
    Param,
    Raise,
    Ref,
    Return,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import GETITEM, NOT

__all__ = ["Rendered", "render"]

_COMMENT_COLUMN = 48


@dataclass(frozen=True, slots=True)
class Rendered:
    """A function's text, and for its lines (from 1) where in the user's file they come from."""

    text: str
    lines: dict[int, Origin]


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    comment: str = ""
    origin: Origin | None = None


def render(fn: Function, *, origins: bool = True) -> Rendered:
    """Print ``fn``, whether in surface or normal form, as one ``def``.

    Parameters
    ----------
    fn : Function
        The function. Each `Ref` is printed as its path (see `srcad.emit.namespace`). A text under
        ``"doc"`` in ``fn.notes`` becomes the docstring.
    origins : bool
        Whether to name the source line of a statement behind it, where that line is another than
        that of the statement before. The user's comments are kept anyway, each printed once.

    Returns
    -------
    Rendered
        The text, ending in a newline, and the origin of each of its lines that has one.

    Examples
    --------
    >>> from srcad.ir.nodes import Source
    >>> body = (Return(Var("x"), origin=Origin(2, comment="as it is")),)
    >>> fn = Function("same", (Param(Var("x")),), body, Source("f.py", 1, "same"))
    >>> print(render(fn).text, end="")
    def same(x):
        return x  # line 2: as it is
    """
    printer = _Printer(origins, unused_name(fn))
    lines = [_Line(f"def {fn.name}({_parameters(fn.params)}):")]
    lines += [_Line(line) for line in _docstring(fn.notes.get("doc", ""))]
    indent = "    "
    if fn.context is not None:
        lines.append(_Line(f"{indent}with {expression_text(fn.context)}:"))
        indent *= 2
    lines += printer.block(_with_needed_headings(fn.body), indent)
    return _assemble(lines)


def _with_needed_headings(body: Block) -> Block:
    """``body`` without headings that nothing follows, and without one that stands above it all."""
    following = (*body, Note(""))[1:]
    kept = tuple(
        stmt
        for stmt, after in zip(body, following, strict=True)
        if not (isinstance(stmt, Note) and isinstance(after, Note))
    )
    headings = sum(isinstance(stmt, Note) for stmt in kept)
    return kept[1:] if headings == 1 and isinstance(kept[0], Note) else kept


def _parameters(params: tuple[Param, ...]) -> str:
    texts: list[str] = []
    starred = False
    for param in params:
        name = param.var.name
        if param.kind == "args":
            starred = True
            texts.append(f"*{name}")
            continue
        if param.kind == "kwargs":
            texts.append(f"**{name}")
            continue
        if param.kind == "keyword" and not starred:
            starred = True
            texts.append("*")
        texts.append(name if param.default is None else f"{name}={expression_text(param.default)}")
    return ", ".join(texts)


def _docstring(doc: str) -> list[str]:
    if not doc:
        return []
    lines = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip().splitlines()
    indented = [f"    {line}".rstrip() for line in lines]
    indented[0] = f'    """{lines[0]}'
    if len(lines) == 1 and not lines[0].endswith('"'):
        return [f'{indented[0]}"""']
    return [*indented, '    """']


class _Printer:
    """What printing must remember: the line named last and the comments already printed."""

    def __init__(self, origins: bool, unused: str) -> None:
        self._origins = origins
        self._unused = unused
        self._last = 0
        self._printed: set[tuple[int, str]] = set()

    def block(self, block: Block, indent: str) -> list[_Line]:
        lines: list[_Line] = []
        for stmt in block:
            lines.extend(self._statement(stmt, indent))
        if all(isinstance(stmt, Note) for stmt in block):
            lines.append(_Line(f"{indent}pass"))
        return lines

    def _statement(self, stmt: Stmt, indent: str) -> Iterator[_Line]:
        if isinstance(stmt, Note):
            # What follows a heading stands on its own: its first line is named again.
            self._last = 0
            for text in stmt.text.splitlines():
                yield _Line(f"{indent}# {text}".rstrip())
            return
        yield from self._above(stmt.origin, indent)
        match stmt:
            case If():
                yield from self._branches(stmt, indent)
            case For(target, iterable, body, orelse):
                head = f"{indent}for {bare(target)} in {bare(iterable)}:"
                yield self._line(head, stmt.origin)
                yield from self._loop_body(body, orelse, indent)
            case While():
                yield from self._while(stmt, indent)
            case _:
                yield self._line(indent + self._simple(stmt), stmt.origin)

    def _branches(self, stmt: If, indent: str) -> Iterator[_Line]:
        word = "if"
        while True:
            yield self._line(f"{indent}{word} {expression_text(stmt.test)}:", stmt.origin)
            yield from self.block(stmt.then, indent + "    ")
            match stmt.orelse:
                case ():
                    return
                case (If() as inner,):
                    yield from self._above(inner.origin, indent)
                    stmt, word = inner, "elif"
                case orelse:
                    yield _Line(f"{indent}else:")
                    yield from self.block(orelse, indent + "    ")
                    return

    def _while(self, stmt: While, indent: str) -> Iterator[_Line]:
        if not stmt.header:
            yield self._line(f"{indent}while {expression_text(stmt.test)}:", stmt.origin)
            yield from self._loop_body(stmt.body, stmt.orelse, indent)
            return
        yield self._line(f"{indent}while True:", stmt.origin)
        inner = indent + "    "
        yield from self.block(stmt.header, inner)
        stop = expression_text(Call(NOT, (stmt.test,)))
        yield _Line(f"{inner}if {stop}:", "", stmt.origin)
        if stmt.orelse:
            yield from self.block(stmt.orelse, inner + "    ")
        yield _Line(f"{inner}    break", "", stmt.origin)
        if stmt.body:
            yield from self.block(stmt.body, inner)

    def _loop_body(self, body: Block, orelse: Block, indent: str) -> Iterator[_Line]:
        yield from self.block(body, indent + "    ")
        if orelse:
            yield _Line(f"{indent}else:")
            yield from self.block(orelse, indent + "    ")

    def _simple(self, stmt: Stmt) -> str:
        match stmt:
            case Assign(target, value):
                return f"{bare(target)} = {bare(value)}"
            case Unpack(targets, value):
                names = tuple(Var(self._unused) if t is None else t for t in targets)
                return f"{bare(Tuple(names))} = {bare(value)}"
            case Store(obj, index, value):
                return f"{_element(obj, index)} = {bare(value)}"
            case AugAssign(obj, index, op, value):
                place = expression_text(obj) if index is None else _element(obj, index)
                return f"{place} {_symbol(op)}= {bare(value)}"
            case Do(call):
                return expression_text(call)
            case Return(value):
                return "return" if value == Const(None) else f"return {bare(value)}"
            case Raise(value):
                return f"raise {expression_text(value)}"
            case Break():
                return "break"
            case Continue():
                return "continue"
            case _:
                raise AssertionError(f"{type(stmt).__name__} is no simple statement")

    # --- comments --------------------------------------------------------------------------------

    def _line(self, code: str, origin: Origin | None) -> _Line:
        return _Line(code, self._comment(origin), origin)

    def _comment(self, origin: Origin | None) -> str:
        if origin is None:
            return ""
        text = origin.comment if self._is_new(origin.line, origin.comment) else ""
        named = self._origins and origin.line != self._last
        self._last = origin.line
        if named:
            return f"line {origin.line}: {text}" if text else f"line {origin.line}"
        return text

    def _above(self, origin: Origin | None, indent: str) -> Iterator[_Line]:
        if origin is not None:
            for text in origin.above:
                if self._is_new(-origin.line, text):
                    yield _Line(f"{indent}# {text}".rstrip())

    def _is_new(self, line: int, text: str) -> bool:
        if not text or (line, text) in self._printed:
            return False
        self._printed.add((line, text))
        return True


def _element(obj: Expr, index: Expr) -> str:
    return expression_text(Call(GETITEM, (obj, index)))


def _symbol(op: Ref) -> str:
    how = BINARY.get(op.value)
    if how is None:
        raise AssertionError(f"{op.path} is no binary operator")
    return how.symbol


def _assemble(lines: list[_Line]) -> Rendered:
    """Lay the lines out: long ones broken, trailing comments under one another."""
    ends = [len(line.code) + 2 for line in lines if line.comment]
    column = min(_COMMENT_COLUMN, max(ends, default=0))
    out: list[str] = []
    places: dict[int, Origin] = {}
    for line in lines:
        first = len(out) + 1
        code = wrap(line.code, WIDTH)
        if line.comment:
            beside = f"{code[0]:<{column - 2}}  # {line.comment}"
            if len(beside) <= WIDTH and len(code) == 1:
                code = [beside]
            else:
                indent = line.code[: len(line.code) - len(line.code.lstrip())]
                out.append(f"{indent}# {line.comment}")
        out.extend(code)
        if line.origin is not None:
            places.update(dict.fromkeys(range(first, len(out) + 1), line.origin))
    return Rendered("\n".join(out) + "\n", places)
