"""What Python srcad does not differentiate: one table of reasons and ways out.

The texts may hold ``{name}``, which `refuse` fills in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import libcst as cst

from srcad.errors import UnsupportedSyntaxError
from srcad.ir.nodes import Origin, Source

__all__ = ["REFUSALS", "Refusal", "UnresolvedName", "code_of", "reason", "refuse"]


@dataclass(frozen=True, slots=True)
class Refusal:
    message: str
    why: str
    instead: str


_TABLE: dict[str, Refusal] = {
    "with": Refusal(
        "a `with` statement for `{name}` cannot be differentiated",
        "what a context manager does on entry and on exit has no derivative, and its exit would"
        " have to run at the right time in the backward sweep as well; only"
        ' `np.errstate(...="ignore")` is known.',
        "enter it around the call of the derivative: `with context: grad(f)(x)`.",
    ),
    "errstate": Refusal(
        "this use of `np.errstate` cannot be differentiated",
        'only settings written out as `"ignore"` are followed: the whole derivative runs under'
        " them, and under others it could raise or warn where the function does not.",
        'silence what needs to be, `np.errstate(divide="ignore")`, or enter it around the call of'
        " the derivative.",
    ),
    "try": Refusal(
        "a `try` statement cannot be differentiated",
        "an exception may leave the body at any point, so the steps to be undone are not known.",
        "test the condition with `if` before the step that would raise, or catch the exception"
        " around the call of the derivative.",
    ),
    "function as a value": Refusal(
        "a function defined inside a differentiated function cannot be used as a value",
        "`{name}` reads variables of the function around it, so it can be called, or given to a"
        " Python function that calls it, but not be kept, compared or returned.",
        "call `{name}` here, or define it outside and pass it the variables it reads as arguments.",
    ),
    "lambda": Refusal(
        "a lambda inside a differentiated function cannot be used as a value",
        "it reads variables of the function around it, so it can be called, given a name, or"
        " given to a Python function that calls it, but not be kept, compared or returned.",
        "write its expression where it is used, or define a function outside that takes the"
        " variables as arguments.",
    ),
    "function given away": Refusal(
        "a function defined inside a differentiated function cannot be given to `{name}`",
        "`{name}` is no plain function whose Python source is known here, so it is not known when"
        " it calls what it is given, and with what.",
        "{way}.",
    ),
    "derived function": Refusal(
        "a function that reads variables of the function around it cannot be given to `{name}`",
        "what is differentiated would have to take these variables as arguments too.",
        "let it take them as arguments: `grad(f, argnums=0)(x, a)` and its kin differentiate by"
        " some of the arguments only; or give to `{name}` a function defined outside.",
    ),
    "derivative as a value": Refusal(
        "the derivative of a function that reads variables around it can only be called",
        "that function lives inside of another, and so does its derivative: it cannot be kept,"
        " returned or handed on, and its options have to be written out.",
        "call it where it is made, `grad(f)(x)`; to hand it on, write `lambda x: grad(f)(x)`.",
    ),
    "function among the rest": Refusal(
        "a function defined inside a differentiated function cannot be one of the `*args` or"
        " `**kwargs` of `{owner}`",
        "which parameter it is given for must be known from the text.",
        "give it for a parameter of its own.",
    ),
    "rebound parameter": Refusal(
        "the function given to `{owner}` as `{name}` cannot be followed",
        "`{owner}` assigns `{name}`, so it is not known which function it calls.",
        "use another name for what is assigned.",
    ),
    "endless functions": Refusal(
        "the functions that are given to `{owner}` cannot be followed",
        "each call makes a new function of the one before and hands it on, without an end that is"
        " known from the text.",
        "pass the same function on, and say how often to apply it by a number.",
    ),
    "early function": Refusal(
        "`{name}` is used where it may not be defined yet",
        "its definition has not run, or only in a branch or a loop that may not be taken.",
        "define `{name}` before, outside of branches and loops.",
    ),
    "early variable": Refusal(
        "`{name}` has no value yet where a function that reads it is called",
        "a call hands all variables over that the local function may read.",
        "assign `{name}` before, or pass it as an argument.",
    ),
    "rebound function": Refusal(
        "the function `{name}` cannot be followed",
        "`{name}` is bound more than once in the function around it, so it is not known from the"
        " text what a call of it runs.",
        "give each function a name of its own, or put the branch into one function.",
    ),
    "decorated function": Refusal(
        "a decorated function inside a differentiated function cannot be differentiated",
        "the decorator runs on every call, and what it makes of `{name}` is not known beforehand.",
        "define `{name}` outside, or without the decorator.",
    ),
    "unpacked arguments": Refusal(
        "unpacked arguments cannot be given to `{name}`",
        "`{name}` has a default that is computed where it is defined, and whether the call gives"
        " that argument is not known from the text.",
        "write the arguments of the call out.",
    ),
    "class": Refusal(
        "a class defined inside a differentiated function cannot be differentiated",
        "the statement makes a new class on every call.",
        "define `{name}` outside the function.",
    ),
    "import": Refusal(
        "a relative `import` inside a differentiated function cannot be differentiated",
        "srcad resolves every name before the function runs, and does not look for packages.",
        "import at the top of the module, or by the full name.",
    ),
    "rebound import": Refusal(
        "the import of `{name}` cannot be followed",
        "`{name}` is bound more than once in the function, so it is not known from the text what"
        " it stands for.",
        "give what is imported a name of its own: `import module as name`.",
    ),
    "failed import": Refusal(
        "what `{name}` stands for cannot be imported",
        "srcad resolves every name before the function runs, and this import fails.",
        "install it, or correct its name.",
    ),
    "global": Refusal(
        "a `global` statement cannot be differentiated",
        "assigning `{name}` changes the module for everyone, and the derivative would change it"
        " once more.",
        "take `{name}` as an argument and return its new value.",
    ),
    "assigning function": Refusal(
        "a function that assigns `{name}` cannot be given to `{owner}`",
        "`{name}` belongs to the function around it, and would have to come back through"
        " `{owner}`.",
        "call it here, or let it return the new value of `{name}`.",
    ),
    "nonlocal": Refusal(
        "a `nonlocal` statement cannot be differentiated",
        "assigning `{name}` changes the enclosing function's variable, and the derivative would"
        " change it once more.",
        "take `{name}` as an argument and return its new value.",
    ),
    "match alternatives": Refusal(
        "alternatives that bind names cannot be differentiated",
        "where a name gets its value depends on which of them matches.",
        "write a `case` for each alternative.",
    ),
    "match rest": Refusal(
        "a pattern that takes the rest of a dict cannot be differentiated",
        "which keys `**{name}` gets is only known when the program runs.",
        "take the items by their keys.",
    ),
    "match class": Refusal(
        "this class pattern cannot be differentiated",
        "what it names is no class, or has fewer fields than the pattern by their order,"
        " as far as is known before the function runs.",
        "name the fields, `Point(x=a)`, or write the case with `isinstance`.",
    ),
    "yield": Refusal(
        "a generator cannot be differentiated",
        "`yield` hands control to the caller in the middle, so there is no result to start from.",
        "collect the values in a list and return it.",
    ),
    "await": Refusal(
        "asynchronous code cannot be differentiated",
        "`await` hands control to an event loop in the middle of the computation.",
        "await the data first, and differentiate an ordinary function of it.",
    ),
    "attribute store": Refusal(
        "assigning an attribute cannot be differentiated",
        "`{name} = ...` changes an object that others may hold, and the derivative would change it"
        " once more.",
        "use a local variable, and return the value if the caller needs it.",
    ),
    "starred target": Refusal(
        "a starred target cannot be differentiated in a comprehension",
        "how many values `*{name}` takes is only known when the program runs.",
        "write the comprehension as a loop.",
    ),
    "delete": Refusal(
        "deleting an attribute, or items at a step, cannot be differentiated",
        "`del` changes the object, and the backward sweep would have to put back what it had.",
        "make a new list without the items, `[*xs[:i], *xs[j:]]`, or a new object.",
    ),
    "generator": Refusal(
        "a generator expression cannot be differentiated here",
        "its items are computed when someone asks for them; srcad knows when that is only directly"
        " inside sum, max, min, sorted, any, all, tuple, list, set, math.fsum, math.prod or"
        " np.fromiter, and where they are unpacked.",
        "use a list comprehension, `[...]`.",
    ),
    "walrus": Refusal(
        "`{name}` is assigned inside the update of `{name}`",
        "the update is of the value that `{name}` had before.",
        "assign `{name}` in a statement of its own.",
    ),
    "map": Refusal(
        "this `{name}` cannot be differentiated",
        "the function that it applies is computed on the spot.",
        "give the function a name first, or use a list comprehension.",
    ),
    "bare raise": Refusal(
        "`raise` without an exception cannot be differentiated",
        "there is no exception being handled here.",
        "name the exception: `raise ValueError(...)`.",
    ),
    "type alias": Refusal(
        "a `type` statement cannot be differentiated",
        "it makes a new type on every call.",
        "put it at the top of the module.",
    ),
    "template string": Refusal(
        "a template string cannot be differentiated",
        "it makes an object that holds its parts unevaluated.",
        "use an f-string.",
    ),
    "scope call": Refusal(
        "`{name}()` cannot be differentiated",
        "it looks at the variables of the function that runs, which in the derivative are not the"
        " same.",
        "name what is needed directly.",
    ),
    "loop test": Refusal(
        "this test of a `while` loop cannot be differentiated",
        "it needs statements of its own before each turn, which cannot be combined with `else`.",
        "compute the test in a variable before the loop and at the end of its body.",
    ),
    "expression statement": Refusal(
        "this expression needs a statement of its own here",
        "in this place only a single expression can stand.",
        "assign the part to a variable first.",
    ),
    "too deep": Refusal(
        "this statement is nested too deeply",
        "what is nested is followed by recursion, for which Python sets a limit.",
        "give names to its parts, or write a loop.",
    ),
    "undefined": Refusal(
        "the name `{name}` is not defined",
        "it is neither a local variable nor a global, a closure variable or a builtin at the time"
        " the derivative is made.",
        "define `{name}` before calling the derivative.",
    ),
    "empty cell": Refusal(
        "the closure variable `{name}` has no value yet",
        "the enclosing function has not assigned it at the time the derivative is made.",
        "assign `{name}` before making the derivative, or pass it as an argument.",
    ),
    "no attribute": Refusal(
        "`{owner}` has no attribute `{name}`",
        "the call would raise AttributeError.",
        "check the spelling, and the version of what is imported.",
    ),
    "syntax": Refusal(
        "this piece of Python ({name}) cannot be differentiated",
        "srcad does not know what it means.",
        "write it with assignments, `if`, `for`, `while` and calls.",
    ),
}

REFUSALS: Mapping[str, Refusal] = MappingProxyType(_TABLE)


def refuse(
    what: str, source: Source | None, origin: Origin | None, **names: str
) -> UnsupportedSyntaxError:
    """The error for ``what``, a key of `REFUSALS`; the caller raises it."""
    row = REFUSALS[what]
    return UnsupportedSyntaxError(
        row.message.format(**names),
        source=source,
        origin=origin,
        why=row.why.format(**names),
        instead=row.instead.format(**names),
    )


class UnresolvedName(LookupError):
    """A name that means nothing: ``what`` is the row of `REFUSALS` that tells why."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


# By name, since not every version of LibCST has every class.
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "With": "with",
        "Try": "try",
        "TryStar": "try",
        "ClassDef": "class",
        "Import": "import",
        "ImportFrom": "import",
        "Global": "global",
        "Nonlocal": "nonlocal",
        "TypeAlias": "type alias",
        "Lambda": "lambda",
        "GeneratorExp": "generator",
        "Await": "await",
        "Yield": "yield",
        "TemplatedString": "template string",
    }
)


def reason(node: cst.CSTNode) -> tuple[str, dict[str, str]]:
    """The row of `REFUSALS` for ``node``, and what fills it in."""
    kind = type(node).__name__
    match node:
        case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            subject = name.value
        case cst.Global(names=names) | cst.Nonlocal(names=names):
            subject = names[0].name.value
        case _:
            subject = kind
    return _KINDS.get(kind, "syntax"), {"name": subject}


def code_of(node: cst.CSTNode) -> str:
    """The text of ``node``."""
    return cst.Module(()).code_for_node(node)
