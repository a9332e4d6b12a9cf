"""The command line: ``python -m srcad show FILE.py:FUNCTION`` prints a derivative's source."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import srcad
from srcad.errors import SrcadError

__all__ = ["main"]


class _UsageError(Exception):
    """What the user asked for is not there; shown without a traceback."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, by default those of the process.

    Returns
    -------
    int
        0, or 2 if the derivative cannot be shown; the reason goes to the error stream.

    Examples
    --------
    >>> main(["show", "no_such_file.py:f"])
    2
    """
    options = _parser().parse_args(argv)
    try:
        source = _source(options)
    except (SrcadError, _UsageError) as error:
        print(f"srcad: {_for_the_command_line(error)}", file=sys.stderr)
        return 2
    _show(source)
    return 0


def _for_the_command_line(error: Exception) -> str:
    from srcad.construction.assumed import TAKES_EXAMPLES

    return str(error).replace(TAKES_EXAMPLES, '`--example "np.ones(3)" ...` tells them')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="srcad", description="Derivatives of NumPy functions by source transformation."
    )
    parser.add_argument("--version", action="version", version=f"srcad {srcad.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="print the generated source of a derivative")
    show.add_argument("function", metavar="FILE.py:FUNCTION", help="the function to differentiate")
    show.add_argument("--mode", choices=("reverse", "forward"), default="reverse")
    show.add_argument(
        "--argnums",
        type=_argnums,
        default=0,
        metavar="0,1",
        help="the arguments to differentiate: positions or names (default: the first)",
    )
    show.add_argument(
        "--example",
        nargs="+",
        action="extend",
        metavar="EXPR",
        help='example arguments, such as "np.ones(3)" or "n=2": the source is made for their types',
    )
    return parser


def _argnums(text: str) -> int | str | tuple[int | str, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of positions or names")
    values = tuple(int(p) if p.lstrip("-").isdigit() else p for p in parts)
    return values[0] if len(values) == 1 else values


def _source(options: argparse.Namespace) -> str:
    from srcad.api import derivative_of

    filename, colon, path = str(options.function).rpartition(":")
    if not colon or not filename or not path:
        raise _UsageError(f"{options.function!r} is not of the form FILE.py:FUNCTION")
    module = _load(Path(filename))
    derivative = derivative_of(
        _function(module, path, filename), mode=options.mode, argnums=options.argnums
    )
    if options.example is None:
        return derivative.source
    args: list[object] = []
    kwargs: dict[str, object] = {}
    for text in options.example:
        if (named := re.match(r"\s*([^\W\d]\w*)\s*=(?!=)", text)) is not None:
            kwargs[named[1]] = _value(text[named.end() :].strip(), module)
        else:
            args.append(_value(text, module))
    return derivative.source_for(*args, **kwargs)


def _load(path: Path) -> ModuleType:
    """The module in the file ``path``, run with its directory on the path, as a script is.

    In a package it is imported as a part of that.
    """
    if not path.is_file():
        raise _UsageError(f"there is no file {path}")
    name, directory = _place_of_module(path.resolve())
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _UsageError(f"{path} is no Python file")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    try:
        if "." in name:
            return importlib.import_module(name)
        module = importlib.util.module_from_spec(spec)
        # Dataclasses and pickles look their module up by name.
        sys.modules.setdefault(name, module)
        spec.loader.exec_module(module)
    except SrcadError:
        raise
    except SystemExit as error:
        raise _UsageError(f"{path} exits when it is run, with {error.code!r}") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}{_line_of(error, path)}"
        raise _UsageError(f"{path} cannot be run: {what}") from error
    return module


def _place_of_module(path: Path) -> tuple[str, Path]:
    """The dotted name of the module in a file, and the directory where its import begins."""
    names, directory = [path.stem], path.parent
    while (directory / "__init__.py").is_file() and directory.name.isidentifier():
        names.insert(0, directory.name)
        directory = directory.parent
    if names[-1] == "__init__" and len(names) > 1:
        names.pop()
    return ".".join(names), directory


def _line_of(error: Exception, path: Path) -> str:
    """Where in the file ``path`` the error was raised, for the end of a message."""
    if isinstance(error, SyntaxError):
        return ""  # its text says where
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if Path(f.filename).resolve() == path.resolve()]
    return f" (line {lines[-1]})" if lines else ""


def _function(module: ModuleType, path: str, filename: str) -> Any:
    from srcad.derivatives.derivative import Derivative

    found: Any = module
    for name in path.split("."):
        if isinstance(found, FunctionType) and name in _defined_in(found):
            raise _UsageError(
                f"{name!r} is defined inside {found.__name__!r}, and is there only while that runs;"
                f" show {found.__name__!r}, or define it outside"
            )
        if not hasattr(found, name):
            raise _UsageError(f"{filename} has no function {path!r}{_suggestion(module, path)}")
        found = getattr(found, name)
    if not callable(found):
        raise _UsageError(f"{path!r} in {filename} is no function")
    # Of a function decorated with `grad` the derivative asked for is shown, not that one's own.
    return found.__wrapped__ if isinstance(found, Derivative) else found


def _defined_in(fn: FunctionType) -> set[str]:
    """The names of the functions that are defined inside ``fn``."""
    return {c.co_name for c in fn.__code__.co_consts if isinstance(c, CodeType)}


def _suggestion(module: ModuleType, path: str) -> str:
    import difflib

    names = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
    close = difflib.get_close_matches(path, names, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _value(text: str, module: ModuleType) -> object:
    import numpy as np

    namespace: dict[str, object] = {"np": np, **vars(module)}
    try:
        return eval(text, namespace)
    except Exception as error:
        raise _UsageError(f"--example {text!r}: {type(error).__name__}: {error}") from error


def _show(source: str) -> None:
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.syntax import Syntax
        except ImportError:
            pass
        else:
            Console().print(Syntax(source, "python", background_color="default"))
            return
    print(source, end="" if source.endswith("\n") else "\n")
