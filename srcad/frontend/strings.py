"""String literals; f-strings become calls of ``str.format``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

__all__ = ["format_parts"]


def format_parts(
    node: cst.FormattedString | cst.ConcatenatedString,
) -> tuple[str, tuple[cst.BaseExpression, ...]]:
    """An f-string as a template for ``str.format`` and the expressions that fill it."""
    fields: list[cst.BaseExpression] = []
    template = "".join(_pieces(node, fields))
    return template, tuple(fields)


def _pieces(node: cst.BaseExpression, fields: list[cst.BaseExpression]) -> Iterator[str]:
    match node:
        case cst.ConcatenatedString(left=left, right=right):
            yield from _pieces(left, fields)
            yield from _pieces(right, fields)
        case cst.FormattedString(start=start, parts=parts):
            opening = start.replace("f", "").replace("F", "")
            yield from _content(parts, opening, fields)
        case cst.SimpleString(value=value):
            yield _escaped(str(ast.literal_eval(value)))
        case _:
            raise AssertionError(type(node).__name__)


def _content(
    parts: Iterable[cst.BaseFormattedStringContent],
    opening: str,
    fields: list[cst.BaseExpression],
) -> Iterator[str]:
    quote = opening.lstrip("rR")
    for part in parts:
        match part:
            case cst.FormattedStringText(value=value):
                text = value.replace("{{", "{").replace("}}", "}")
                yield _escaped(str(ast.literal_eval(opening + text + quote)))
            case cst.FormattedStringExpression():
                yield from _field(part, opening, fields)
            case _:
                raise AssertionError(type(part).__name__)


def _field(
    part: cst.FormattedStringExpression, opening: str, fields: list[cst.BaseExpression]
) -> Iterator[str]:
    fields.append(part.expression)
    conversion = part.conversion
    if part.equal is not None:
        before, after = part.equal.whitespace_before, part.equal.whitespace_after
        code = cst.Module(()).code_for_node(part.expression)
        yield _escaped(f"{_code(before)}{code}={_code(after)}")
        if conversion is None and part.format_spec is None:
            conversion = "r"
    yield "{" + ("!" + conversion if conversion is not None else "")
    if part.format_spec is not None:
        yield ":"
        yield from _content(part.format_spec, opening, fields)
    yield "}"


def _code(node: cst.CSTNode) -> str:
    return cst.Module(()).code_for_node(node)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
