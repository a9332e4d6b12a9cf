"""LibCST expressions to surface IR.

Most expressions map to one IR expression. Some need statements before the one they stand in: a list
comprehension is a loop, and the middle of ``a < f(x) < b`` is computed once.
"""

from __future__ import annotations

import ast
import builtins
from collections import OrderedDict
from collections.abc import Callable, Sequence
from types import ModuleType

import libcst as cst

from srcad.frontend import operators
from srcad.frontend.comparisons import comparison
from srcad.frontend.comprehensions import comprehension, dict_comprehension
from srcad.frontend.consumed import (
    argument,
    decided,
    dict_of_pairs,
    joined_texts,
    reduced,
)
from srcad.frontend.derived_locals import derived_local
from srcad.frontend.evaluation import Evaluation, no_origin
from srcad.frontend.lifting import is_local_function
from srcad.frontend.local_functions import LocalFunctions
from srcad.frontend.refusals import UnresolvedName, refuse
from srcad.frontend.scope import reference
from srcad.frontend.strings import format_parts
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Attr,
    Call,
    Const,
    Dict,
    Expr,
    If,
    IfExp,
    List,
    Origin,
    Ref,
    Slice,
    Source,
    Star,
    Tuple,
    Var,
)
from srcad.ir.refs import GETITEM, OR, SET

__all__ = ["ExpressionLowering", "parse_expression"]

_LONG = 64  # operands; after as many a sum is given a name
_NONE = Const(None)
_NAMED = {"True": Const(True), "False": Const(False), "None": _NONE}
_SCOPE = {
    id(f): f.__name__ for f in (locals, globals, vars, dir, eval, exec, super, builtins.__import__)
}


def parse_expression(text: str, resolve: Callable[[str], Expr]) -> Expr:
    """The surface IR of the one expression in ``text``.

    Parameters
    ----------
    text
        A Python expression. What would need a statement of its own, such as a comprehension, is
        refused.
    resolve
        What a name means: a `Var`, or a `Ref` to a live object. Attributes of modules and classes
        are looked up at once, so ``np.where`` is a single `Ref`.

    Raises
    ------
    UnsupportedSyntaxError
        For an expression that srcad does not know, and whatever ``resolve`` raises.

    Examples
    --------
    >>> from srcad.ir.nodes import Var
    >>> parse_expression("g * 2", Var).args
    (Var(base='g', n=0), Const(value=2))
    """
    return ExpressionLowering(resolve).lower(cst.parse_expression(text.strip()))


class ExpressionLowering(Evaluation):
    """Lowers the expressions of one function.

    Parameters
    ----------
    resolve
        What a name means.
    origin_of, source, names, local
        As for `Evaluation`.
    functions
        The functions that are defined inside this one.
    """

    def __init__(
        self,
        resolve: Callable[[str], Expr],
        origin_of: Callable[[cst.CSTNode], Origin | None] = no_origin,
        source: Source | None = None,
        names: Names | None = None,
        local: frozenset[str] = frozenset(),
        functions: LocalFunctions | None = None,
    ) -> None:
        super().__init__(origin_of, source, names, local)
        self._resolve = resolve
        self.functions = functions

    def lower(self, node: cst.BaseExpression) -> Expr:
        """The surface IR of ``node``."""
        # The most frequent first: to see that a node is of another class takes long.
        match node:
            case cst.Name(value=name):
                return self._name(node, name)
            case cst.BinaryOperation():
                return self._binary(node)
            case cst.Integer():
                return Const(int(node.value, 0))
            case cst.Call():
                return self._call(node)
            case cst.Attribute():
                return self._attribute(node)
            case cst.Subscript():
                return self._subscript(node)
            case cst.Float():
                return Const(float(node.value))
            case cst.UnaryOperation():
                return self._unary(node)
            case cst.Imaginary() | cst.SimpleString():
                return Const(ast.literal_eval(node.value))
            case cst.Comparison():
                return comparison(self, node.left, node.comparisons, node)
            case cst.BooleanOperation(operator=op):
                return self._boolean("and" if isinstance(op, cst.And) else "or", node)
            case cst.IfExp():
                return self._conditional(node)
            case cst.Tuple(elements=elements):
                return Tuple(self._items(elements))
            case cst.List(elements=elements):
                return List(self._items(elements))
            case cst.Dict():
                return self._dict(node)
            case cst.FormattedString():
                return self._format(node)
            case cst.ConcatenatedString():
                text = node.evaluated_value
                return Const(text) if text is not None else self._format(node)
            case cst.Ellipsis():
                return Const(...)
            case cst.Set(elements=elements):
                return Call(SET, (Tuple(self._items(elements)),), origin=self.origin_of(node))
            case cst.SetComp():
                return Call(SET, (comprehension(self, node),), origin=self.origin_of(node))
            case cst.ListComp():
                return comprehension(self, node)
            case cst.DictComp():
                return dict_comprehension(self, node)
            case cst.Lambda() if self.functions is not None:
                found = self.functions.in_place(self, node)
                if not found.is_plain:
                    raise self.refused(node)
                return Ref(found.name, found.fn)
            case cst.NamedExpr(target=cst.Name(value=name), value=value) if self.names is not None:
                self.before.append(Assign(Var(name), self.lower(value), self.here))
                return Var(name)
            case _:
                raise self.refused(node)

    # --- names and attributes --------------------------------------------------------------------

    def _name(self, node: cst.Name, name: str) -> Expr:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name in _NAMED:
            return _NAMED[name]
        if self.functions is not None and name in self.functions:
            found = self.functions.named(self, node, name)
            if not found.is_plain:
                raise self.refused(node, "function as a value", name=name)
            return Ref(found.name, found.fn)
        if self.functions is not None:
            self.functions.check_imported(self, node, name)
        try:
            return self._resolve(name)
        except UnresolvedName as e:
            raise refuse(e.what, self.source, self.origin_of(node), name=name) from None

    def _attribute(self, node: cst.Attribute) -> Expr:
        return self._member(self.lower(node.value), node.attr.value, node)

    def _member(self, value: Expr, name: str, node: cst.BaseExpression) -> Expr:
        # What is found in a class or an object is looked up by the type inference: it may change.
        if not (isinstance(value, Ref) and _is_settled(value.value)):
            return Attr(value, name)
        try:
            member = getattr(value.value, name)
        except AttributeError:
            raise refuse(
                "no attribute", self.source, self.origin_of(node), owner=value.path, name=name
            ) from None
        return reference(f"{value.path}.{name}", member)

    # --- operators -------------------------------------------------------------------------------

    def _unary(self, node: cst.UnaryOperation) -> Expr:
        value = self.lower(node.expression)
        if isinstance(value, Const) and type(value.value) in (int, float, complex):
            number: complex = value.value  # type: ignore[assignment]  # the types were just tested
            match node.operator:
                case cst.Minus():
                    return Const(-number)
                case cst.Plus():
                    return value
                case _:
                    pass
        return Call(operators.UNARY[type(node.operator)], (value,), origin=self.origin_of(node))

    def _binary(self, node: cst.BinaryOperation) -> Expr:
        # LibCST nests `a + b + c` left. A long sum must not be as deep as it is long.
        chain = [node]
        while isinstance(left := chain[-1].left, cst.BinaryOperation):
            chain.append(left)
        value = self.lower(left)
        for length, part in enumerate(reversed(chain), 1):
            if self.names is not None and length % _LONG == 0:
                value = self.saved(value, self.before)
            value, right = self.in_order([lambda v=value: v, lambda p=part: self.lower(p.right)])
            op = operators.BINARY[type(part.operator)]
            value = Call(op, (value, right), origin=self.origin_of(part))
        return value

    def _boolean(self, op: str, node: cst.BooleanOperation) -> Expr:
        # LibCST nests `a and b and c` left, the IR right: both mean the same.
        terms = [node.right]
        left = node.left
        while isinstance(left, cst.BooleanOperation) and type(left.operator) is type(node.operator):
            terms.append(left.right)
            left = left.left
        terms.append(left)
        return self._chain(op, terms[::-1])

    def _chain(self, op: str, terms: Sequence[cst.BaseExpression]) -> Expr:
        first = self.lower(terms[0])
        if len(terms) == 1:
            return first
        return self.join(op, first, lambda: self._chain(op, terms[1:]))

    def _conditional(self, node: cst.IfExp) -> Expr:
        test = self.lower(node.test)
        then, then_needs = self.apart(lambda: self.lower(node.body))
        orelse, else_needs = self.apart(lambda: self.lower(node.orelse))
        if not then_needs and not else_needs:
            return IfExp(test, then, orelse)
        temp = self.temp()
        self.before.append(
            If(
                test,
                (*then_needs, Assign(temp, then, self.here)),
                (*else_needs, Assign(temp, orelse, self.here)),
                self.here,
            )
        )
        return temp

    def _operands(self, nodes: Sequence[cst.BaseExpression]) -> list[Expr]:
        return self.in_order([(lambda n=n: self.lower(n)) for n in nodes])

    # --- calls and containers --------------------------------------------------------------------

    def _call(self, node: cst.Call, *, called: bool = False) -> Expr:
        whole = (
            decided(self, node)
            or reduced(self, node)
            or dict_of_pairs(self, node)
            or joined_texts(self, node)
        )
        if whole is not None:
            return whole
        origin = self.origin_of(node)

        def given(arg: cst.Arg) -> Expr:
            value = argument(self, arg.value, node)
            return Star(value) if arg.star == "*" else value

        thunks: list[Callable[[], Expr]] = [lambda: self.function(node.func)]
        thunks += [(lambda a=a: given(a)) for a in node.args]
        fn, *values = self.in_order(thunks)
        if isinstance(fn, Ref) and fn.value is OrderedDict:
            fn = Ref("dict", dict)  # which keeps the order as well
        if isinstance(fn, Ref) and id(fn.value) in _SCOPE:
            raise refuse("scope call", self.source, origin, name=_SCOPE[id(fn.value)])
        args: list[Expr] = []
        kwargs: list[tuple[str, Expr]] = []
        for arg, value in zip(node.args, values, strict=True):
            if arg.star == "**":
                kwargs.append(("**", value))
            elif arg.keyword is not None:
                kwargs.append((arg.keyword.value, value))
            else:
                args.append(value)
        match fn, args:
            case Ref(_, value), [obj, Const(str(name))] if value is getattr and not kwargs:
                return self._member(obj, name, node)
            case _:
                return self.applied(node, fn, args, kwargs, called=called)

    def applied(
        self,
        node: cst.Call,
        fn: Expr,
        args: Sequence[Expr],
        kwargs: Sequence[tuple[str, Expr]],
        *,
        called: bool = False,
    ) -> Expr:
        """The call of ``fn``; it and its arguments may be local functions."""
        values = (fn, *args, *(value for _, value in kwargs))
        if self.functions is not None and any(map(is_local_function, values)):
            derived = derived_local(self, node, fn, args, kwargs, called=called)
            if derived is not None:
                return derived
            return self.functions.call(self, node, fn, args, kwargs)
        return Call(fn, tuple(args), tuple(kwargs), origin=self.origin_of(node))

    def function(self, node: cst.BaseExpression) -> Expr:
        """``node``, which may be a local function where it is called or handed on."""
        functions = self.functions
        match node:
            case cst.Lambda() if functions is not None:
                found = functions.in_place(self, node)
                return Ref(found.name, found)
            case cst.Name(value=name) if functions is not None and name in functions:
                if not any(name in scope for scope in self.scopes):
                    found = functions.named(self, node, name)
                    return Ref(found.name, found)
            case cst.Call() if functions is not None:
                return self._call(node, called=True)
            case _:
                pass
        return self.lower(node)

    def _items(self, elements: Sequence[cst.BaseElement]) -> tuple[Expr, ...]:
        def item(element: cst.BaseElement) -> Expr:
            value = self.lower(element.value)
            return Star(value) if isinstance(element, cst.StarredElement) else value

        return tuple(self.in_order([(lambda e=e: item(e)) for e in elements]))

    def _dict(self, node: cst.Dict) -> Expr:
        flat: list[cst.BaseExpression] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                flat.append(element.key)
            flat.append(element.value)
        values = iter(self._operands(flat))
        made: Expr = Dict((), ())
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                made = _with_entry(made, next(values), next(values))
            else:
                # ``{"a": x, **d}`` is ``{"a": x} | d``.
                made = Call(OR, (made, next(values)), origin=self.origin_of(node))
        return made

    def _format(self, node: cst.FormattedString | cst.ConcatenatedString) -> Expr:
        template, fields = format_parts(node)
        values = self._operands(fields)
        return Call(Attr(Const(template), "format"), tuple(values), origin=self.origin_of(node))

    # --- subscripts ------------------------------------------------------------------------------

    def _subscript(self, node: cst.Subscript) -> Expr:
        value, index = self.in_order((lambda: self.lower(node.value), lambda: self.index(node)))
        return Call(GETITEM, (value, index), origin=self.origin_of(node))

    def index(self, node: cst.Subscript) -> Expr:
        """What stands between the brackets: a `Tuple` if there is a comma."""
        elements = node.slice
        items = self.in_order([(lambda s=e.slice: self._index_item(s)) for e in elements])
        alone = len(elements) == 1 and not isinstance(elements[0].comma, cst.Comma)
        return items[0] if alone and not isinstance(items[0], Star) else Tuple(tuple(items))

    def _index_item(self, item: cst.BaseSlice) -> Expr:
        match item:
            case cst.Slice(lower=lower, upper=upper, step=step):
                start, stop, by = self.in_order(
                    [(lambda p=p: self.lower(p) if p else _NONE) for p in (lower, upper, step)]
                )
                return Slice(start, stop, by)
            case cst.Index(value=value, star=star):
                return Star(self.lower(value)) if star else self.lower(value)
            case _:
                raise self.refused(item)


def _with_entry(made: Expr, key: Expr, value: Expr) -> Expr:
    if isinstance(key, Tuple) and all(isinstance(part, Const) for part in key.items):
        key = Const(tuple(part.value for part in key.items if isinstance(part, Const)))
    match made:
        case Dict(keys, values):
            return Dict((*keys, key), (*values, value))
        case Call(fn, (first, Dict() as rest)):
            return Call(fn, (first, _with_entry(rest, key, value)), origin=made.origin)
        case _:
            return Call(OR, (made, Dict((key,), (value,))))


def _is_settled(value: object) -> bool:
    """Whether the attributes of ``value`` are watched by name, as a module's, or cannot be set."""
    made_by_class_statement = 1 << 9
    if isinstance(value, type):
        return not value.__flags__ & made_by_class_statement
    return isinstance(value, ModuleType) or hasattr(type(value), "n_sequence_fields")
