"""Breaking a line of code that is too long."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["WIDTH", "wrap"]

WIDTH: Final = 100
"""How long a line of generated code may be."""

_TOKEN = re.compile(
    r"""b?"(?:[^"\\]|\\.)*" | b?'(?:[^'\\]|\\.)*' | [\[({] | [\])}] | \s | [^\s\[\](){}"']+""",
    re.VERBOSE,
)

_LOOSEST_FIRST = (
    frozenset({"if", "else"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "@", "//", "%"}),
)
_HEAD = re.compile(r"\s*(?:(if |elif |while )|return |[^\[({\"'=]*(?:\[[^\"'=\]]*\])? \S{0,3}= )")


def wrap(line: str, width: int) -> list[str]:
    """Break ``line`` inside its brackets so that each part fits into ``width``, where it can.

    The outermost bracket with enough inside it is opened, as formatters do; what stands in it goes
    on lines of its own, indented by four more. A line without such brackets stays long.

    Examples
    --------
    >>> wrap("y = f(first + second, third)", 26)
    ['y = f(', '    first + second, third', ')']
    >>> wrap("first, second, third = f(x)", 18)
    ['(', '    first, second,', '    third', ') = f(x)']
    """
    if len(line) <= width:
        return [line]
    span = _bracket(line)
    if span is None or len(line) - (span[1] - span[0]) > width:
        return _parenthesized(line, width)
    opening, closing = span
    indent = line[: len(line) - len(line.lstrip())]
    inner = f"{indent}    {line[opening + 1 : closing]}"
    body = [inner] if len(inner) <= width else _fill(inner, width)
    return [line[: opening + 1], *body, *wrap(indent + line[closing:], width)]


def _parenthesized(line: str, width: int) -> list[str]:
    """``line`` with what it assigns, returns or tests in parentheses, on lines of its own."""
    if line.startswith("from "):
        head, _, names = line.partition(" import ")
        return [f"{head} import (", *_fill(f"    {names}", width), ")"]
    found = _HEAD.match(line)
    if found is None:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    if len(found[0]) >= width and not found[1]:
        targets, _, value = line.strip().partition(" = ")
        opened = [f"{indent}(", *_fill(f"{indent}    {targets}", width)]
        return [*opened, *wrap(f"{indent}) = {value}", width)]
    end = ":" if found[1] else ""
    inner = line[found.end() :].removesuffix(end)
    return [f"{found[0]}(", *_fill(f"{indent}    {inner}", width), f"{indent}){end}"]


def _tokens(line: str) -> list[tuple[int, str, int]]:
    """Each token with its place and the depth of brackets around it."""
    depth = 0
    out: list[tuple[int, str, int]] = []
    for match in _TOKEN.finditer(line):
        token = match.group()
        if token in ")]}":
            depth -= 1
        out.append((match.start(), token, depth))
        if token in "([{":
            depth += 1
    return out


def _bracket(line: str) -> tuple[int, int] | None:
    """The longest outermost pair of brackets, the last of equals, if there is much in it."""
    best: tuple[int, int] | None = None
    opening = 0
    for place, token, depth in _tokens(line):
        if depth == 0 and token in "([{":
            opening = place
        elif (
            depth == 0 and token in ")]}" and (best is None or place - opening >= best[1] - best[0])
        ):
            best = opening, place
    return best if best is not None and best[1] - best[0] > 12 else None


def _fill(line: str, width: int) -> list[str]:
    """Break ``line``, which stands inside brackets, at its outermost commas or operators."""
    indent = line[: len(line) - len(line.lstrip())]
    places = _breaks(line)
    if not places or len(line) <= width:
        return [line] if len(line) <= width or _bracket(line) is None else wrap(line, width)
    out: list[str] = []
    start = len(indent)
    last = start
    for place in [*places, len(line)]:
        if place - start > width - len(indent) and last > start:
            out.append(indent + line[start:last].strip())
            start = last
        last = place
    out.append(indent + line[start:].strip())
    return [part for piece in out for part in wrap(piece, width)]


def _breaks(line: str) -> list[int]:
    """Where an outermost argument or, if there is but one, an outermost operand begins."""
    tokens = [(place, token) for place, token, depth in _tokens(line) if depth == 0]
    commas = [place + len(token) for place, token in tokens if token.endswith(",")]
    if commas:
        return commas
    for group in _LOOSEST_FIRST:
        places = [place for place, token in tokens if token in group]
        if places:
            return places
    return []
