"""One derivative under construction: its functions, each analysed and generated once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import FunctionType, MappingProxyType
from typing import Any, cast

from srcad.analysis.owned import owns_containers
from srcad.construction.analyses import Analyses
from srcad.construction.later import Later
from srcad.construction.local_calls import called_by_name
from srcad.emit.load import load
from srcad.emit.namespace import bind_names
from srcad.emit.nested import nested_form
from srcad.emit.over_items import over_items
from srcad.emit.text import render
from srcad.errors import MutationError
from srcad.frontend.lifting import lifting_of
from srcad.ir.naming import is_temporary, made_in
from srcad.ir.nodes import Call, Function, Ref, Var
from srcad.ir.rebuild import told_apart
from srcad.ir.walk import bound, statements
from srcad.notes import note, notes_of
from srcad.optimise import optimise_typed
from srcad.passes.webs import separate_webs
from srcad.transform.assemble import plain, without_casts
from srcad.types.calls import bind_arguments
from srcad.types.infer import Typed
from srcad.types.lattice import Type
from srcad.types.operands import operand_type

__all__ = ["Emitted", "Program", "user_names"]


@dataclass(frozen=True, slots=True)
class Emitted:
    """A generated function: its text, the imports that it needs, the compiled function.

    It was ``printed`` of a function in nested form.
    """

    name: str
    text: str
    imports: tuple[str, ...]
    call: Callable[..., Any]
    printed: Function

    @property
    def function(self) -> FunctionType:
        """``call`` as what it is: a class attribute of that type would be taken for a method."""
        return cast("FunctionType", self.call)

    def is_like(self, other: Emitted) -> bool:
        """Whether two that are printed alike also mean the same, and the same is known of them."""
        return (
            self.printed.source == other.printed.source
            and self._names() == other._names()
            and notes_of(self.call) == notes_of(other.call)
        )

    def _names(self) -> dict[str, int]:
        """What the names in the text stand for."""
        space = self.function.__globals__
        return {n: id(v) for n, v in space.items() if n != self.name and not n.startswith("__")}


class Program(Analyses):
    """Analyses and emits functions, and remembers what it did. One for each request."""

    def __init__(
        self, without: frozenset[str], backend: str = "numpy", *, for_reading: bool = False
    ) -> None:
        super().__init__(for_reading=for_reading)
        self.name = "f"
        self.without = without
        self.backend = backend
        self.emitted: list[Emitted] = []
        self._plain: dict[tuple[FunctionType, tuple[Type, ...]], Ref] = {}
        self._texts: dict[str, list[Emitted]] = {}
        self._names: set[str] = set()
        self._numbers = itertools.count(1)
        self.links: dict[str, object] = {}

    def fresh_name(self, name: str) -> str:
        """A name for a generated function that none has yet."""
        n, found = 1, name
        while found in self._names:
            n += 1
            found = f"{name}_{n}"
        self._names.add(found)
        return found

    def retype(self, fn: Function, arguments: tuple[Type, ...]) -> Typed:
        """Types for generated normal IR."""
        ir, _ = separate_webs(replace(fn, body=told_apart(fn.body)))
        return self.specialised(ir, arguments, generated=True)

    def improved(self, typed: Typed, given: Mapping[Var, Call] = MappingProxyType({})) -> Typed:
        """``typed`` optimised, of which some parameters may be ``given`` by calls on others."""
        fn = without_casts(typed.fn, typed.types)
        fn, types = optimise_typed(fn, typed.types, self.without, given)
        return replace(typed, fn=fn, types=types)

    def emit(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        users: frozenset[str],
        called: Mapping[Var, Var] = MappingProxyType({}),
    ) -> Emitted:
        """Print, compile and keep ``fn``, whose variables may be ``called`` something already."""
        fn = called_by_name(fn, partial(self._plainly_called, types))
        memory = None
        if self.backend == "numba":
            from srcad.backends.numba.lower import lower_for_numba

            fn, types = lower_for_numba(fn, types, users)
        else:
            fn, types, memory = over_items(fn, types)
        own_containers = owns_containers(fn, types)
        reuses = self.backend == "numpy" and "reuse" not in self.without
        named = bind_names(nested_form(fn, types, users, called, reuses=reuses, memory=memory))
        rendered = render(named.fn)
        number = next(self._numbers)
        call = load(
            rendered.text,
            fn.name,
            named.globals,
            filename=f"<srcad {self.name} {fn.name} {number}>",
            origins=rendered.lines,
            source=fn.source,
        )
        emitted = Emitted(fn.name, rendered.text, named.imports, call, named.fn)
        note(
            call,
            imports=named.imports,
            made=made_in(named.fn),
            own_containers=own_containers,
        )
        self.emitted.append(emitted)
        self.links[fn.name] = call
        return emitted

    def once(self, made: Emitted) -> Emitted:
        """An earlier function that says and is known to be the same; ``made``, if there is none."""
        text = made.text.removeprefix(f"def {made.name}")
        alike = self._texts.setdefault(text, [])
        for other in alike:
            same = self.declared(other.function) == self.declared(made.function)
            if same and other.is_like(made):
                self.emitted.remove(made)
                return other
        alike.append(made)
        return made

    def _plainly_called(self, types: Mapping[Var, Type], call: Call, fn: FunctionType) -> Call:
        """``call``, of a local function that is not differentiated there: it is emitted as well."""
        lifting = lifting_of(fn)
        assert lifting is not None
        operands = bind_arguments(fn, call)
        key = (fn, self.signature(fn, tuple(operand_type(o, types) for o in operands)))
        if key not in self._plain:
            name = self.fresh_name(lifting.title)
            self._plain[key] = Ref(name, Later(name))
            self._plain[key] = Ref(name, self._plain_function(name, *key).function)
        return replace(call, fn=self._plain[key], args=operands, kwargs=(), spell="")

    def _plain_function(self, name: str, fn: FunctionType, types: tuple[Type, ...]) -> Emitted:
        try:
            found = self.analysed(fn, types).fn
        except MutationError:
            found = self.typed(fn, types).fn
        users = user_names(found)
        made = replace(found, name=name, params=plain(found.params))
        improved = self.improved(self.retype(made, types))
        return self.emit(improved.fn, improved.types, users)


def user_names(fn: Function) -> frozenset[str]:
    """The names that the user gave in ``fn``: parameters and assigned variables, no temporaries."""
    names = {p.var.name for p in fn.params}
    names |= {v.base for s in statements(fn) for v in bound(s) if not is_temporary(v)}
    return frozenset(names)
