"""Find a function's own text, and parse it."""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType, FunctionType

import libcst as cst

from srcad.errors import NoSourceError, UnsupportedSyntaxError
from srcad.frontend.positions import Positions
from srcad.frontend.private import mangled, mangled_tree, private_names
from srcad.ir.nodes import Source
from srcad.notes import notes_of

__all__ = ["Parsed", "parse_function"]

_DEF = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPERATORS = frozenset(
    number
    for name, number in dis.opmap.items()
    if name.startswith(("BINARY_", "UNARY_", "COMPARE_", "CONTAINS_", "IS_"))
    or name.startswith(("LOAD_FAST", "STORE_FAST", "DELETE_FAST", "LOAD_CONST", "RETURN_CONST"))
)
_PLACES = frozenset(
    number
    for name, number in dis.opmap.items()
    if name.startswith(("POP_JUMP_", "JUMP_", "FOR_ITER", "CALL"))
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A function's text as LibCST sees it, where it came from, and where its nodes stand."""

    node: cst.FunctionDef | cst.Lambda
    text: str
    source: Source
    positions: Positions


def parse_function(fn: FunctionType) -> Parsed:
    """Find and parse the source of ``fn``.

    Raises
    ------
    NoSourceError
        If there is no text for it, or if the text is no longer that of ``fn``.
    """
    if (lifted := notes_of(fn).lifted) is not None:
        return lifted.parsed
    code = fn.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, fn.__globals__)
    source = Source(
        code.co_filename, code.co_firstlineno, fn.__qualname__, tuple(x.rstrip("\n") for x in lines)
    )
    if not lines:
        raise _missing(source)
    if code.co_firstlineno > len(lines):
        raise _changed(source)
    return _lambda(fn, source, lines) if code.co_name == "<lambda>" else _def(fn, source, lines)


def _missing(source: Source) -> NoSourceError:
    if source.filename == "<timed exec>":
        return NoSourceError(
            f"the source of `{source.qualname}` cannot be found",
            source=source,
            why="IPython keeps no text of a cell that begins with `%%time`.",
            instead="define the function in a cell of its own, and time the call.",
        )
    return NoSourceError(
        f"the source of `{source.qualname}` cannot be found",
        source=source,
        why="srcad differentiates a function by rewriting its text. One that was typed at the"
        " interactive prompt, given to `python -c` or made by `exec` leaves none behind.",
        instead="put the function in a file or in a notebook cell.",
    )


def _changed(source: Source) -> NoSourceError:
    if source.filename == "<string>":
        # The text there is that of `python -c`, or of another `exec`.
        return _missing(replace(source, lines=("",) * source.first_line))
    return NoSourceError(
        f"the source of `{source.qualname}` has changed since it was defined",
        source=source,
        why="the text at its place in the file is not that of the function that is in memory.",
        instead="import the module again (importlib.reload), or restart.",
    )


# --- functions with a name -----------------------------------------------------------------------


def _def(fn: FunctionType, source: Source, lines: list[str]) -> Parsed:
    code = fn.__code__
    below = lines[code.co_firstlineno - 1 :]
    # Mostly it ends with its code, which is found quicker than by reading on to what comes next.
    read = _read(fn, "".join(below[: _last_line(code) - code.co_firstlineno + 1]))
    if read is None:
        try:
            read = _read(fn, "".join(inspect.getblock(below)))
        except (SyntaxError, tokenize.TokenError):
            raise _changed(source) from None
    if read is None:
        raise _changed(source)
    text, at, names = read
    try:
        body = cst.parse_module(text).body[0]
    except cst.ParserSyntaxError:
        raise UnsupportedSyntaxError(
            f"the text of `{source.qualname}` cannot be read",
            source=source,
            why="the version of LibCST that is installed does not know all of its syntax",
            instead="install a newer LibCST, or write the function in the syntax of Python 3.13",
        ) from None
    shift = code.co_firstlineno - 1
    if isinstance(body, cst.If):
        body = body.body.body[0]
        shift -= 1
    if not isinstance(body, cst.FunctionDef):
        raise _changed(source)
    if names:
        body = mangled(body, names)
    positions = Positions(text.split("\n"), shift)
    positions.record(body, at)
    positions.record_block(body.body, at.body)
    at_file = Source(source.filename, at.lineno + shift, source.qualname, source.lines)
    return Parsed(body, text, at_file, positions)


def _last_line(code: CodeType) -> int:
    inner = [_last_line(c) for c in code.co_consts if isinstance(c, CodeType)]
    ends = [end for _, end, _, _ in code.co_positions() if end is not None]
    return max([code.co_firstlineno, *ends, *inner])


def _read(
    fn: FunctionType, text: str
) -> tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, Mapping[str, str]] | None:
    """``text``, its tree and what private names it has, if it is that of ``fn``."""
    if text[:1] in (" ", "\t"):
        # The block stays as it is, since the lines of a string must keep their indentation.
        text = "if True:\n" + text
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return None
    at = body[0] if body else None
    if isinstance(at, ast.If):
        at = at.body[0]
    if not isinstance(at, _DEF):
        return None
    names = private_names(text, fn.__qualname__, fn.__code__)
    if names:
        mangled_tree(at, names)
    return (text, at, names) if _is_def(fn.__code__, text, at) else None


def _is_def(code: CodeType, text: str, at: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [a.arg for a in (*at.args.posonlyargs, *at.args.args, *at.args.kwonlyargs)]
    if at.name != code.co_name or arguments != list(code.co_varnames[: len(arguments)]):
        return False
    # pytest rewrites `assert`, a class mangles `__x` and knows its own line: there only the
    # signature can be compared.
    rewritten = any(name.startswith("@py") for name in (*code.co_varnames, *code.co_names))
    if rewritten or any(part in text for part in ("__", "class ")):
        return True
    at.decorator_list = []
    at.returns = None
    found = _compiled(ast.Module([at], []), code)
    return found is None or _same(found, code)


def _compiled(module: ast.Module, code: CodeType) -> CodeType | None:
    """The code of the one function in ``module``, compiled with ``code``'s free variables free."""
    if code.co_freevars:
        arguments = ", ".join(code.co_freevars)
        outer = ast.parse(f"def outer({arguments}): pass")
        assert isinstance(outer.body[0], ast.FunctionDef)
        outer.body[0].body = module.body
        module = outer
    try:
        found = compile(module, code.co_filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    for name in (None, code.co_name) if code.co_freevars else (code.co_name,):
        inner = [
            c
            for c in found.co_consts
            if isinstance(c, CodeType) and (name is None or c.co_name == name)
        ]
        if not inner:
            return None
        found = inner[-1]
    return found


def _same(a: CodeType, b: CodeType) -> bool:
    return (
        _operations(a) == _operations(b)
        and a.co_names == b.co_names
        and a.co_varnames == b.co_varnames
        and a.co_freevars == b.co_freevars
        and len(a.co_consts) == len(b.co_consts)
        and all(map(_same_constant, a.co_consts, b.co_consts))
    )


def _operations(code: CodeType) -> list[tuple[int, int]]:
    # The rest of the bytecode is not compared: how an attribute is loaded depends on the module's
    # imports, and so does how far jumps go.
    ops = code.co_code
    return [
        (op, arg if op in _OPERATORS else 0)
        for op, arg in zip(ops[::2], ops[1::2], strict=True)
        if op in _OPERATORS or op in _PLACES
    ]


def _same_constant(a: object, b: object) -> bool:
    if isinstance(a, CodeType) and isinstance(b, CodeType):
        return _same(a, b)
    return type(a) is type(b) and repr(a) == repr(b)


# --- lambdas -------------------------------------------------------------------------------------


def _lambda(fn: FunctionType, source: Source, lines: list[str]) -> Parsed:
    text = "".join(lines)
    candidates = [at for at in _lambdas(text) if at.lineno == fn.__code__.co_firstlineno]
    same = [at for at in candidates if _is_lambda(fn.__code__, at)]
    if not same:
        raise _changed(source)
    # Several that compile to the same code mean the same: the columns only choose what is shown.
    at = next((a for a in same if _column(fn.__code__) == _bytes_column(a)), same[0])
    segment = ast.get_source_segment(text, at)
    assert segment is not None
    inner = "(" + segment + ")"
    node = cst.parse_expression(inner)
    assert isinstance(node, cst.Lambda)
    again = ast.parse(inner, mode="eval").body
    assert isinstance(again, ast.Lambda)
    column = len(lines[at.lineno - 1].encode()[: at.col_offset].decode(errors="ignore"))
    positions = Positions(inner.split("\n"), at.lineno - 1, column - 1)
    positions.record(node, again)
    positions.expression(node.body, again.body)
    return Parsed(node, inner, source, positions)


@lru_cache(maxsize=8)
def _lambdas(text: str) -> tuple[ast.Lambda, ...]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Lambda))


def _is_lambda(code: CodeType, at: ast.Lambda) -> bool:
    found = _compiled(ast.Module([ast.copy_location(ast.Expr(at), at)], []), code)
    return found is not None and _same(found, code)


def _column(code: CodeType) -> int | None:
    """The column of the first instruction that computes something."""
    columns = [c for _, _, c, _ in _positions(code) if c is not None]
    return min(columns, default=None)


def _bytes_column(at: ast.Lambda) -> int:
    return at.body.col_offset


def _positions(code: CodeType) -> Iterator[tuple[int | None, int | None, int | None, int | None]]:
    for line, end_line, column, end_column in code.co_positions():
        if line == code.co_firstlineno and column:
            yield line, end_line, column, end_column
