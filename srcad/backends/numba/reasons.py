"""What Numba says of what it cannot compile, in the words of who wrote the function."""

from __future__ import annotations

import ast
import linecache
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, TracebackType
from typing import Any, Final

from srcad.emit.load import place_of
from srcad.errors import SrcadError
from srcad.ir.nodes import Origin, Source

__all__ = ["is_refusal", "refusal"]

_HERE: Final = str(Path(__file__).parents[2]) + os.sep
_INSTEAD: Final = "backend='numpy', which runs all that NumPy does"
_NOISE: Final = re.compile(r"\x1b\[[0-9;]*m")
_LINES: Final = 4


def is_refusal(error: Exception) -> bool:
    """Whether ``error`` comes of compiling, and not of running what was compiled."""
    module = type(error).__module__
    return module.startswith("numba.") or bool(_met(error)) or _passes_numba(error.__traceback__)


def refusal(error: Exception, fn: FunctionType) -> SrcadError:
    """The refusal of the derivative ``fn`` for ``error``, which Numba raised."""
    message = _NOISE.sub("", str(error))
    lines = [*_lines_named(message), *_lines_passed(error.__traceback__)]
    source, origin = _place(lines) or place_of(fn.__code__.co_filename, 0) or (None, None)
    met = _met(error)
    return SrcadError(
        f"Numba cannot {'run' if met else 'compile'} the derivative `{fn.__name__}`",
        source=source,
        origin=origin,
        why=met or _reason(error, message, _shown(lines), _text_at(source, origin)),
        instead=_INSTEAD,
    )


def _met(error: Exception) -> str:
    """What Numba found as it ran that it cannot do, as it had taken it for something else."""
    match error:
        case NotImplementedError() if str(error) == "incompatible shape for array":
            return "it reshapes contiguous arrays only"
        case TypeError() if re.fullmatch("expected .*, got None", str(error)):
            return "it keeps no lists of what may be `None`, nor other values of two types"
        case ValueError() if str(error) == "cannot compute fingerprint of empty list":
            return "it takes no empty list, as it cannot tell what would be in it"
        case RuntimeError() if "unresolved symbol" in str(error):
            return "it does not join the functions of this recursion"
        case _:
            return ""


def _passes_numba(traceback: TracebackType | None) -> bool:
    return any(
        str(frame.f_globals.get("__name__", "")).startswith("numba.")
        for frame in _frames(traceback)
    )


def _frames(traceback: TracebackType | None) -> Iterator[Any]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


# --- where ---------------------------------------------------------------------------------------


def _lines_named(message: str) -> list[tuple[str, int]]:
    """The lines of generated functions that the message names."""
    found = re.findall(r'(?:File "|at )(<srcad [^>]*>)"?(?:, line | \()(\d+)', message)
    return [(name, int(line)) for name, line in found]


def _lines_passed(traceback: TracebackType | None) -> list[tuple[str, int]]:
    """Those that Numba was at, innermost first, by what it keeps in its own variables."""
    found: list[tuple[str, int]] = []
    for frame in _frames(traceback):
        for name in ("constraint", "inst", "self"):
            at: Any = getattr(frame.f_locals.get(name), "loc", None)
            if str(getattr(at, "filename", "")).startswith("<srcad "):
                found.insert(0, (at.filename, at.line))
    return found


def _place(lines: list[tuple[str, int]]) -> tuple[Source, Origin | None] | None:
    """The first of ``lines`` that is the user's; of srcad's, if there is no other."""
    places = [found for name, line in lines if (found := place_of(name, line)) is not None]
    places.sort(key=lambda found: found[1] is None)  # those of which the place is known come first
    users = (found for found in places if not found[0].filename.startswith(_HERE))
    return next(users, places[0] if places else None)


def _shown(lines: list[tuple[str, int]]) -> str:
    """The text of the generated line that was met last."""
    texts = (linecache.getline(name, line).partition("  # line")[0].strip() for name, line in lines)
    return next((text for text in texts if text), "")


def _text_at(source: Source | None, origin: Origin | None) -> str:
    """The user's line."""
    if source is None or origin is None:
        return ""
    if 1 <= origin.line <= len(source.lines):
        return source.lines[origin.line - 1]
    return linecache.getline(source.filename, origin.line)


# --- why -----------------------------------------------------------------------------------------


def _reason(error: Exception, message: str, line: str, users: str) -> str:
    for pattern, say in _SAYINGS.items():
        if (found := re.search(pattern, message)) is not None:
            said = say(found)
            named = re.match(r"it has no `(?:[\w.]*\.)?(\w+)`", said)
            is_users = named is None or named[1] in users
            if not line or (is_users and not said.startswith("the ")):
                return said
            return f"{said}, at `{line}`" + ("" if is_users else ", a line of the derivative")
    if not type(error).__module__.startswith("numba."):
        where = f" at `{line}`" if line else ""
        return f"its compiler breaks off{where}, a line of the derivative ({_called(error)})"
    return _first_lines(message) or type(error).__name__


def _called(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _first_lines(message: str) -> str:
    """The first lines that say what is the matter."""
    rows = [row.strip() for row in message.partition(" Raised from ")[0].splitlines()]
    argument = next((row for row in rows if row.startswith("- argument ")), None)
    if argument is not None:
        return argument[2:]
    kept: list[str] = []
    for row in rows:
        if row.startswith(("There are ", "During:", "File ", "- Of which", "Overload ")):
            break
        if row and not row.startswith(("Failed in ", ">>>")):
            kept.append(row)
        elif row.startswith(">>>"):
            kept.append(row[3:].strip())
    return "\n  ".join(kept[:_LINES])


def _of_numpys(found: re.Match[str]) -> str:
    return f"it has no `np.{found[1]}`, or not with these arguments"


def _of_modules(found: re.Match[str]) -> str:
    return f"it has no `{found[2].replace('numpy', 'np')}.{found[1]}`"


def _attribute(found: re.Match[str]) -> str:
    if found[1] == "__getitem__":
        return f"it sorts no {_kind(found[2]).partition(' ')[2]} by a key"
    if (ufunc := re.match(r"Function\(<ufunc '(\w+)'", found[2])) is not None:
        return f"it has no `np.{ufunc[1]}.{found[1]}`"
    return f"it has no `.{found[1]}` of {_kind(found[2])}"


_STATEMENTS: Final = {"MATCH": "`match` statement", "IMPORT": "`import` inside a function"}


def _bytecode(found: re.Match[str]) -> str:
    if found[2].startswith(_HERE):
        name = _function_at(found[2], int(found[3]))
        return f"the derivative needs `{name}`, which is Python that it does not compile"
    what = _STATEMENTS.get(found[1].partition("_")[0])
    return f"it compiles no {what}" if what else "it does not compile this piece of Python"


def _function_at(filename: str, line: int) -> str:
    """The function that stands at a line of a file of srcad's."""
    tree = ast.parse("".join(linecache.getlines(filename)))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    around = [f.name for f in functions if f.lineno <= line <= (f.end_lineno or f.lineno)]
    return around[0] if around else "srcad.runtime"


def _argument(found: re.Match[str]) -> str:
    return f"it takes no `{found[1].rpartition('.')[2]}` as an argument"


def _global(found: re.Match[str]) -> str:
    if found[2] == "type":
        return f"it makes no objects of the class `{found[1]}`"
    if found[2] == "function":
        return f"it does not know the function `{found[1]}`"
    return f"it does not know `{found[1]}`, a `{found[2].rpartition('.')[2]}`"


def _two_types(found: re.Match[str]) -> str:
    name = found[3].partition(".")[0]
    name = "what is computed here" if name.startswith("$") else f"`{name}`"
    first, second = (re.sub(r"Literal\[(\w+)\]\(.*\)", r"\g<1>64", t) for t in found.group(1, 2))
    first, second = _kind(first), _kind(second)
    if first == second:
        first, second = found[1], found[2]
    return f"{name} is {first} in one place and {second} in another, and it wants one type"


def _no_function(found: re.Match[str]) -> str:
    name = found[1].rpartition(".")[2]
    given = [_given(part) for part in _parts(found[2])]
    if name == "getitem" and len(given) == 2:
        return f"it does not index {given[0]} by {given[1]}"
    from srcad import runtime

    with_given = " and ".join(given)
    if hasattr(runtime, name):
        return f"the derivative needs `{name}`, which it does not compile for {with_given}"
    plain = name.removeprefix("array_").removeprefix("npy_")
    return f"it has no `{plain}` for {with_given}"


def _parts(arguments: str) -> list[str]:
    """The arguments of a signature, cut at the commas outside of brackets."""
    parts, depth = [""], 0
    for c in arguments:
        depth += (c in "([<{") - (c in ")]>}")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts]


def _given(part: str) -> str:
    named = re.match(r"(\w+)=(?!=)(.*)", part)
    if named is None:
        return _kind(part)
    value = _kind(named[2])
    return f"`{named[1]}={value}`" if _LITERAL.fullmatch(named[2]) else f"`{named[1]}` {value}"


_LITERAL: Final = re.compile(r"Literal\[(?:int|bool)\]\((.*)\)|none")
_ARRAY: Final = re.compile(r"[Aa]rray\((\w+), '?(\d+)d?\b.*")
_KINDS: Final = {
    r"(reflected )?[Ll]ist.*|LiteralList.*": "a list",
    r"(Uni|Named|NamedUni|Starred)*Tuple.*": "a tuple",
    r"Optional.*": "what may be None",
    r".*Dict.*": "a dict",
    r"float\d+": "a float",
    r"u?int\d+": "an int",
    r"bool(ean)?": "a bool",
    r"complex\d+": "a complex number",
    r"unicode_type|Literal\[str\].*": "a string",
    r"slice.*": "a slice",
    r"range.*": "a range",
    r"(type\(CPUDispatcher|Function).*": "a function",
}


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _kind(numbas: str) -> str:
    """A type of Numba's in words."""
    if (literal := _LITERAL.fullmatch(numbas)) is not None:
        return literal[1] or "None"
    if (array := _ARRAY.fullmatch(numbas)) is not None:
        count = {"0": "no axes", "1": "1 axis"}.get(array[2], f"{array[2]} axes")
        kind = "an" if array[1] == "float64" else f"{_article(array[1])} {array[1]}"
        return "an array of unknown items" if array[1] == "none" else f"{kind} array of {count}"
    return next((words for k, words in _KINDS.items() if re.fullmatch(k, numbas)), f"`{numbas}`")


_SAYINGS: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    r"unsupported NumPy function 'numpy\.([\w.]+)'": _of_numpys,
    r"Unknown attribute '(\w+)' of type Module\(<module '([\w.]+)'": _of_modules,
    r"Unknown attribute '(\w+)' of type (.*)": _attribute,
    r"unsupported opcode \((\w+)\) found\. Raised from (.*) \((\d+)\)": _bytecode,
    r"argument \d+: Cannot determine Numba type of <class '([\w.]+)'>": _argument,
    r"Untyped global name '(\w+)': Cannot determine Numba type of <class '([\w.]+)'>": _global,
    r"Cannot unify (.*) and (.*) for '([\w.$]+)'": _two_types,
    r"No implementation of function Function\(<[^>]*?([\w.]+)'?(?: at \w+)?>\) found for"
    r" signature:\s+(?:>>> )?\w+\((.*)\)": _no_function,
    r"Unsupported context manager": lambda _: "it compiles no `with` statement of this kind",
    r"Poison type|LiteralStrKey": lambda _: "it compiles no dict whose values differ in type",
    r"unsupported dtype for <BLAS": lambda _: "it multiplies matrices of floats only",
    r"Unsupported array dtype: (\S+)|^(float16)$": lambda found: (
        f"it takes no arrays of dtype {found[1] or found[2]}"
    ),
    r"as value is forbidden": lambda _: "it keeps no lists in a dict",
    r"No definition for lowering <[^>]*?([\w.]+)>": lambda found: (
        f"it does not compile this use of `{found[1]}`"
    ),
}
"""What to say for what Numba says."""
