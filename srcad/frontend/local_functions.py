"""The functions that a function defines inside itself: what their names mean, and their calls."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Final

import libcst as cst

from srcad.frontend.derived_locals import is_derived
from srcad.frontend.evaluation import Evaluation
from srcad.frontend.imports import Imported, imports_of
from srcad.frontend.lifting import (
    NAMELESS,
    SUPPLIED,
    Lifted,
    LocalFunction,
    assigned_around,
    free_names,
    lifted_function,
    lifting_of,
    names_in,
    plain_tree,
    takes,
)
from srcad.frontend.refusals import code_of
from srcad.frontend.scope import assigned_names, imported_names, local_definitions
from srcad.frontend.source import Parsed
from srcad.frontend.specialising import with_functions
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Attr, Call, Expr, List, Ref, Source, Star, Stmt, Tuple, Var
from srcad.ir.refs import LIST, REFILL
from srcad.notes import note
from srcad.plain import plain_function

__all__ = ["LocalFunctions"]

_Definition = cst.FunctionDef | cst.Lambda
_SORTED: Final = Ref("sorted", sorted)
_LITERALS: Final = (int, float, complex, bool, str, bytes, type(None))


class LocalFunctions:
    """The functions that may be called in one function by a local name.

    Parameters
    ----------
    fn, parsed
        The function, and its source.
    bound
        The names of its parameters, and of what `:=` binds.
    """

    def __init__(self, fn: FunctionType, parsed: Parsed, bound: Sequence[str]) -> None:
        self._fn, self._parsed = fn, parsed
        self._given: Mapping[str, LocalFunction] = {}
        self._depth = 0
        self._around: Mapping[str, Imported] = {}
        self.writes: tuple[Var, ...] = ()
        if (lifting := lifting_of(fn)) is not None:
            self.writes = tuple(map(Var, lifting.writes))
            self._given, self._depth = lifting.functions, lifting.depth
            self._around = lifting.imports
        definitions: list[tuple[str, _Definition]] = []
        own: dict[str, Imported] = {}
        times: Counter[str] = Counter(bound)
        if isinstance(parsed.node, cst.FunctionDef):
            times.update(assigned_names(parsed.node.body))
            # A look at the text is quicker than one at all the statements.
            if "lambda" in parsed.text or parsed.text.count("def") > 1:
                definitions += local_definitions(parsed.node.body)
            if "import" in parsed.text:
                own = dict(imported_names(parsed.node.body))
        self._definitions = {
            name: node for name, node in definitions if times[name] == 1 and _fault(node) is None
        }
        self._own = {name: found for name, found in own.items() if times[name] == 1}
        around = {name: found for name, found in self._around.items() if name not in times}
        self.imports: Mapping[str, Imported] = {**around, **self._own}
        self.variables = frozenset(times) - set(self._definitions) - set(self._own)
        self._made: dict[str, LocalFunction] = {}
        self._defined: frozenset[str] = frozenset()

    def lift(self, names: Names) -> None:
        """Make the functions. ``names`` gives those of the variables that hold their defaults."""
        variables = {name: Var(name) for name in sorted(self.variables)}
        self._made = self._lifted(self._definitions, variables, self._given, names)

    # --- names -----------------------------------------------------------------------------------

    @property
    def defined(self) -> frozenset[str]:
        """The functions whose ``def`` has surely run: after a block, those from before it."""
        return self._defined

    @defined.setter
    def defined(self, names: frozenset[str]) -> None:
        self._defined = names

    @property
    def any_made(self) -> bool:
        """Whether there are functions with names inside this one."""
        return bool(self._made)

    def __contains__(self, name: str) -> bool:
        return name in self._definitions or name in self._given

    def named(self, lowering: Evaluation, node: cst.CSTNode, name: str) -> LocalFunction:
        """The function that ``name`` means at ``node``."""
        found = self._made.get(name)
        if found is None:
            return self._given[name]
        self._check_defined(lowering, node, (name, *sorted(found.reaches)))
        return found

    def _check_defined(self, lowering: Evaluation, node: cst.CSTNode, names: Sequence[str]) -> None:
        for name in names:
            if name not in self._defined:
                raise lowering.refused(node, "early function", name=name)

    def define(self, lowering: Evaluation, name: str, node: _Definition) -> Iterator[Stmt]:
        """What remains of a ``def``, or of a lambda given a name: its defaults are computed."""
        if fault := _fault(node):
            at, what, subject = fault
            raise lowering.refused(at, what, name=subject)
        if name not in self._definitions:
            raise lowering.refused(node, "rebound function", name=name)
        yield from self._defaults(lowering, node, self._made[name])
        self._defined |= {name}

    def declared(self, lowering: Evaluation, node: cst.Global | cst.Nonlocal) -> None:
        """A name that is only read means what it would mean anyway; `nonlocal` ones come back."""
        for item in node.names:
            name = item.name.value
            known = isinstance(node, cst.Nonlocal) and Var(name) in self.writes
            if name in self.variables and not known:
                raise lowering.refused(node, name=name)

    def returned(self, value: Expr) -> Expr:
        """What the function returns for ``value``, with the variables that it assigns around it."""
        return Tuple((value, *self.writes)) if self.writes else value

    def imported(self, lowering: Evaluation, node: cst.Import | cst.ImportFrom) -> None:
        """An import has run."""
        names = dict(imports_of(node))
        if not names:
            raise lowering.refused(node)
        for name in names:
            if name not in self._own:
                raise lowering.refused(node, "rebound import", name=name)
        self._defined |= set(names)

    def check_imported(self, lowering: Evaluation, node: cst.CSTNode, name: str) -> None:
        """Refuse ``name`` where its import may not have run."""
        if name in self._own:
            self._check_defined(lowering, node, (name,))

    def _defaults(
        self, lowering: Evaluation, node: _Definition, made: LocalFunction
    ) -> Iterator[Stmt]:
        held = dict(made.defaults)
        for param in takes(node.params):
            var = held.get(param.name.value)
            if var is not None and param.default is not None:
                value = lowering.lower(param.default)
                yield from lowering.take()
                yield Assign(var, value, lowering.here)

    def in_place(self, lowering: Evaluation, node: cst.Lambda) -> LocalFunction:
        """A lambda that stands in the middle of an expression."""
        assert lowering.names is not None
        if fault := _fault(node):
            at, what, subject = fault
            raise lowering.refused(at, what, name=subject)
        variables = {name: Var(name) for name in sorted(self.variables)}
        for scope in lowering.scopes:
            variables.update(scope)
        hidden = {name for scope in lowering.scopes for name in scope}
        functions = {**self._given, **self._made}
        functions = {name: f for name, f in functions.items() if name not in hidden}
        made = self._lifted({NAMELESS: node}, variables, functions, lowering.names, nameless=True)
        found = made[NAMELESS]
        self._check_defined(lowering, node, sorted(found.reaches))
        before = list(lowering.take())
        before += self._defaults(lowering, node, found)
        lowering.before.extend(before)
        return found

    # --- calls -----------------------------------------------------------------------------------

    def call(
        self,
        lowering: Evaluation,
        node: cst.Call,
        fn: Expr,
        args: Sequence[Expr],
        kwargs: Sequence[tuple[str, Expr]],
    ) -> Expr:
        """A call of a local function, or of another with local functions among its arguments."""
        if isinstance(fn, Attr) and fn.name == "sort" and not args:
            # Its own function is known at once, that of the list when its type is.
            copied = Call(LIST, (fn.value,), origin=lowering.origin_of(node))
            items = self.call(lowering, node, _SORTED, (copied,), kwargs)
            return Call(Attr(fn.value, REFILL), (items,), origin=lowering.origin_of(node))
        live = fn.value if isinstance(fn, Ref) else None
        if (live is max or live is min) and len(args) > 1:
            args = (List(tuple(args)),)
        live = plain_function(live) or live
        path = fn.path if isinstance(fn, Ref) else code_of(node.func)
        callee = live if isinstance(live, LocalFunction) else LocalFunction(path, live)
        if any(map(is_derived, (*args, *(v for _, v in kwargs)))):
            raise lowering.refused(node, "derivative as a value", name=path)
        callee, args, kwargs = with_functions(lowering, node, callee, args, kwargs)
        kwargs = [*kwargs, *self._computed_defaults(lowering, node, callee, args, kwargs)]
        origin = lowering.origin_of(node)
        made = Call(Ref(path, callee.fn), (*callee.captured, *args), tuple(kwargs), origin=origin)
        if not callee.writes:
            return made
        result = lowering.temp()
        lowering.before.append(Assign(Tuple((result, *callee.writes)), made, lowering.here))
        return result

    def _computed_defaults(
        self,
        lowering: Evaluation,
        node: cst.Call,
        callee: LocalFunction,
        args: Sequence[Expr],
        kwargs: Sequence[tuple[str, Expr]],
    ) -> Iterator[tuple[str, Expr]]:
        if not callee.defaults:
            return
        if any(isinstance(a, Star) for a in args) or any(name == "**" for name, _ in kwargs):
            raise lowering.refused(node, "unpacked arguments", name=callee.name)
        code = callee.fn.__code__
        own = code.co_varnames[len(callee.captured) : code.co_argcount]
        given = {*own[: len(args)], *(name for name, _ in kwargs)}
        for name, var in callee.defaults:
            if name not in given:
                yield name, var

    # --- lifting ---------------------------------------------------------------------------------

    def _lifted(
        self,
        nodes: Mapping[str, _Definition],
        variables: Mapping[str, Var],
        functions: Mapping[str, LocalFunction],
        names: Names,
        *,
        nameless: bool = False,
    ) -> dict[str, LocalFunction]:
        """The functions of ``nodes``, which see ``variables``, ``functions`` and each other."""
        beside: Mapping[str, _Definition] = {} if nameless else nodes
        around = list(dict.fromkeys((*variables, *functions, *beside)))
        trees = {n: plain_tree(self._parsed.positions.tree(node), n) for n, node in nodes.items()}
        filename = self._fn.__code__.co_filename
        free = {name: free_names(tree, around, filename) for name, tree in trees.items()}
        computed = {name: _computed(node, names) for name, node in nodes.items()}
        reaches = _closure({n: {r for r in free[n] if r in beside} for n in nodes})
        assigned = {name: assigned_around(tree) & set(free[name]) for name, tree in trees.items()}
        made: dict[str, LocalFunction] = {}
        inside: dict[str, dict[Var, str]] = {}
        for name, tree in trees.items():
            needs: dict[Var, str] = {}
            hidden: dict[Var, None] = {}
            writes: dict[Var, None] = {}
            for other in (name, *sorted(reaches[name])):
                for n in free[other]:
                    if n in functions:
                        hidden.update(dict.fromkeys(functions[n].needs))
                        writes.update(dict.fromkeys(functions[n].writes))
                    elif n not in beside and other == name:
                        needs[variables[n]] = n
                    elif n not in beside:
                        hidden[variables[n]] = None
                writes.update((variables[n], None) for n in sorted(assigned[other]))
                if other in reaches[name]:
                    hidden.update(dict.fromkeys(v for _, v in computed[other]))
            taken = Names({*names_in(tree), *needs.values()})
            for var in hidden:
                if var not in needs:
                    needs[var] = taken.fresh(var.name).name
            inside[name] = needs
            defaults = _literals(nodes[name]) | {p: SUPPLIED for p, _ in computed[name]}
            shown = "<lambda>" if nameless else name
            qualname = f"{self._fn.__qualname__}.<locals>.{shown}"
            fn = lifted_function(
                tree, self._fn, list(needs.values()), qualname, defaults, self.imports
            )
            made[name] = LocalFunction(
                name,
                fn,
                tuple(needs),
                tuple(computed[name]),
                frozenset(reaches[name]),
                tuple(writes),
            )
        for name, function in made.items():
            known = {
                n: (made[n] if n in beside else functions[n]).seen_from(inside[name])
                for n in free[name]
                if n in beside or n in functions
            }
            source = self._parsed.source
            at = Source(source.filename, trees[name].lineno, function.fn.__qualname__, source.lines)
            parsed = replace(self._parsed, node=nodes[name], source=at)
            title = f"{_identifier(self._fn.__name__)}_{name}"
            leading = tuple(inside[name].values())
            lifted = Lifted(
                parsed,
                known,
                title,
                leading,
                self._depth + 1,
                self.imports,
                tuple(inside[name][v] for v in function.writes),
            )
            note(function.fn, lifted=lifted)
        return made


def _identifier(name: str) -> str:
    return name if name.isidentifier() else NAMELESS


def _closure(refers: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """For each name all that it refers to, at first or second hand and so on."""
    found = {name: set(others) for name, others in refers.items()}
    changed = True
    while changed:
        changed = False
        for name, others in found.items():
            more = others.union(*(found[o] for o in others))
            changed = changed or more != others
            found[name] = more
    return found


def _literals(node: _Definition) -> dict[str, object]:
    """The defaults that are literals."""
    found: dict[str, object] = {}
    for param in takes(node.params):
        if param.default is None:
            continue
        try:
            value: object = ast.literal_eval(code_of(param.default))
        except (ValueError, SyntaxError):
            continue
        if type(value) in _LITERALS:
            found[param.name.value] = value
    return found


def _computed(node: _Definition, names: Names) -> list[tuple[str, Var]]:
    """The parameters whose default is computed at the ``def``, and a variable for each."""
    literal = _literals(node)
    computed = [p.name.value for p in takes(node.params) if p.default is not None]
    return [(name, names.fresh(Var(name))) for name in computed if name not in literal]


def _fault(node: _Definition) -> tuple[cst.CSTNode, str, str] | None:
    """What keeps a function from being lifted: where it stands, its row of refusals, its name."""
    if isinstance(node, cst.FunctionDef):
        if node.decorators:
            return node, "decorated function", node.name.value
        if node.asynchronous is not None:
            return node, "await", node.name.value
    assigned = set(assigned_names(node.body)) if isinstance(node, cst.FunctionDef) else set[str]()
    for inner in _nodes(node):
        if isinstance(inner, cst.Global):
            for item in inner.names:
                if item.name.value in assigned:
                    return inner, "global", item.name.value
        if isinstance(inner, cst.Yield):
            return inner, "yield", ""
    return None


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        yield child
        yield from _nodes(child)
