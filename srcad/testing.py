"""Check derivatives against differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from srcad.api import grad, jvp, vjp
from srcad.calls.checks import check_differentiable, check_result
from srcad.calls.compose import define
from srcad.calls.selection import select
from srcad.calls.trees import flatten, leaves_with_paths, tree_map
from srcad.derivatives.one_line import callee_of
from srcad.errors import ArgumentError, GradientCheckError
from srcad.kinds import ARRAY, SEQUENCE
from srcad.signature import Callee, place_of

__all__ = ["check_grads"]

_SEED = 20240229
# The error of a five-point difference is h**4 f'''''/30 from the formula and eps/h from rounding.
_EXPONENT = 1 / 5


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: str | Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
    kwargs: Mapping[str, Any] | None = None,
) -> None:
    """Compare the derivatives of ``f`` with five-point central differences in random directions.

    With both modes, they are also held against one another: ⟨w, Jv⟩ = ⟨Jᵀw, v⟩ up to rounding.

    Parameters
    ----------
    f : callable
        Returns a tree of floats and float arrays.
    args : sequence of trees
        Its arguments; all are differentiated.
    order : int
        The highest order of derivatives to check.
    modes : {"fwd", "rev"} or sequence of these
    atol, rtol : float, optional
        What may be missing; by default what differences in the precision of the arguments can show.
    eps : float, optional
        The step of the differences, relative to the size of the arguments.
    kwargs : mapping, optional
        Keyword arguments of ``f``, which are not differentiated.

    Raises
    ------
    GradientCheckError
        If a derivative disagrees; it names the worst number. It is an `AssertionError`.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import check_grads
    >>> def f(x):
    ...     return np.sum(np.sin(x))
    >>> check_grads(f, (np.array([1.0, 2.0]),), order=2)
    """
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    for mode in modes:
        if mode not in ("fwd", "rev"):
            raise ArgumentError(f"check_grads: there is no mode {mode!r}", instead="'fwd' or 'rev'")
    if not isinstance(order, int) or order < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"check_grads: order={order!r}", instead="1 or more")
    if not isinstance(args, SEQUENCE):
        raise ArgumentError(
            f"check_grads: args must be a tuple, not a {type(args).__name__}",
            why="there is one for each argument of the function",
            instead="check_grads(f, (x,))",
        )
    called = partial(f, **kwargs) if kwargs else f
    callee = callee_of(called, "check_grads")
    every = tuple(range(len(args)))
    params = callee.bind(tuple(args), {})
    check_differentiable(
        callee, select(callee, every, params, "check_grads"), params, "check_grads"
    )
    _Check(called, callee, callee.name, tuple(args), tuple(modes), atol, rtol, eps).run(order)


class _Check:
    """One comparison; for a higher order, the same of the gradient of a random sum.

    ``callee`` is the user's function, where errors point.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        callee: Callee,
        name: str,
        args: tuple[Any, ...],
        modes: tuple[str, ...],
        atol: float | None,
        rtol: float | None,
        eps: float | None,
    ) -> None:
        self.f, self.callee, self.name, self.args, self.modes = f, callee, name, args, modes
        self.atol, self.rtol, self.eps = atol, rtol, eps
        dtypes = [np.asarray(x).dtype for x in flatten(args)[0] if x is not None]
        real = [np.finfo(d).eps for d in dtypes if d.kind in "fc"]
        self.unit = float(max(real, default=np.finfo(float).eps))

    def run(self, order: int) -> None:
        """Check the first derivative, and those of it up to ``order``."""
        rng = np.random.default_rng(_SEED)
        v = _direction(self.args, rng)
        value = self.f(*_copied(self.args))
        check_result(value, self.callee, "check_grads")
        w = _direction(value, rng)
        expected, noise = self._difference(v, value)
        if "fwd" in self.modes:
            _, y_dot = jvp(self.f, _copied(self.args), v)
            self._compare(y_dot, expected, noise, "jvp")
        if "rev" in self.modes:
            _, pullback = vjp(self.f, *_copied(self.args))[:2]
            self._compare_inner(_inner(pullback(w), v), w, expected, noise)
        if "fwd" in self.modes and "rev" in self.modes:
            self._compare_modes(v, w)
        if order > 1:
            summed = _random_sum(self.f, len(self.args), value, w)
            gradient = grad(summed, tuple(range(len(self.args))))
            inner = _Check(
                gradient,
                self.callee,
                f"grad({self.name})",
                self.args,
                self.modes,
                self.atol,
                self.rtol,
                self.eps,
            )
            inner.run(order - 1)

    def _difference(self, v: Any, value: Any) -> tuple[Any, float]:
        """The derivative in direction ``v``, and about how exact it can be."""
        outside = flatten(value)[1]
        scale = max(_largest(flatten(self.args)[0], 1.0), 1e-3)
        h = (self.eps if self.eps is not None else self.unit**_EXPONENT) * scale

        def at(t: float) -> list[Any]:
            pairs = zip(leaves, directions, strict=True)
            moved = [x if x is None else x + t * d for x, d in pairs]
            return flatten(self.f(*structure.unflatten(moved)))[0]

        leaves, structure = flatten(_copied(self.args))
        directions = flatten(v)[0]
        near, far = (at(h), at(-h)), (at(2 * h), at(-2 * h))
        made = [
            a if a is None else (8 * (a - b) - (c - d)) / (12 * h)
            for a, b, c, d in zip(*near, *far, strict=True)
        ]
        return outside.unflatten(made), 10 * self.unit * _largest(near[0], 0.0) / h

    def _tolerance(self, magnitude: float, noise: float) -> float:
        rtol = self.rtol if self.rtol is not None else 200 * self.unit ** (4 * _EXPONENT)
        atol = self.atol if self.atol is not None else noise + rtol * 1e-3
        return atol + rtol * magnitude

    def _compare(self, given: Any, expected: Any, noise: float, what: str) -> None:
        worst: tuple[float, str, Any, Any] | None = None
        pairs = zip(
            leaves_with_paths(given, "result"), leaves_with_paths(expected, "result"), strict=True
        )
        for (path, mine), (_, right) in pairs:
            if right is None:
                continue
            a, b = np.atleast_1d(mine), np.atleast_1d(right)
            if not a.size:
                continue
            error = np.abs(a - b) - self._tolerance(float(np.max(np.abs(b))), noise)
            error = np.where(np.isnan(error), np.inf, error)
            at = np.unravel_index(int(np.argmax(error)), error.shape)
            if error[at] > 0 and (worst is None or error[at] > worst[0]):
                index = f"[{', '.join(map(str, at))}]" if np.ndim(mine) else ""
                worst = float(error[at]), path + index, a[at], b[at]
        if worst is not None:
            self._fail(f"{what}, {worst[1]}", worst[2], worst[3])

    def _compare_inner(self, given: float, w: Any, expected: Any, noise: float) -> None:
        right, magnitude = _inner(w, expected), _inner_of_sizes(w, expected)
        if not abs(given - right) <= self._tolerance(magnitude, noise * _inner_of_sizes(w, w)):
            self._fail("vjp, in a random direction", given, right)

    def _compare_modes(self, v: Any, w: Any) -> None:
        _, y_dot = jvp(self.f, _copied(self.args), v)
        _, pullback = vjp(self.f, *_copied(self.args))[:2]
        forward, x_bar = _inner(w, y_dot), pullback(w)
        reverse = _inner(x_bar, v)
        magnitude = _inner_of_sizes(w, y_dot) + _inner_of_sizes(x_bar, v)
        if not abs(forward - reverse) <= 1e4 * self.unit * (magnitude + 1e-300):
            raise GradientCheckError(
                f"check_grads: the modes disagree on `{self.name}`: forward {forward!r}, reverse"
                f" {reverse!r}",
                **place_of(self.callee.fn),
                why="<w, J v> and <J^T w, v> are one number",
                instead="report it: one of the two is a bug in srcad",
            )

    def _fail(self, what: str, given: Any, right: Any) -> None:
        mine, theirs = (f"{complex(x).real:.12g}" for x in (given, right))
        raise GradientCheckError(
            f"check_grads: `{self.name}` disagrees with differences ({what}):"
            f" {mine}, differences {theirs}",
            **place_of(self.callee.fn),
            why="the derivative is wrong, or the function is not smooth at this point",
            instead="try another point; if it fails there too, check the custom rules it uses",
        )


def _largest(leaves: list[Any], default: float) -> float:
    sizes = [float(np.max(np.abs(x), initial=0.0)) for x in leaves if x is not None]
    return max(sizes, default=default)


def _copied(tree: Any) -> Any:
    leaves, structure = flatten(tree)
    return structure.unflatten([x.copy() if isinstance(x, ARRAY) else x for x in leaves])


def _direction(tree: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the shapes and dtypes of ``tree``."""

    def one(x: Any) -> Any:
        if x is None:
            return None
        drawn: Any = rng.standard_normal(np.shape(x))
        if np.iscomplexobj(x):
            drawn = drawn + 1j * rng.standard_normal(np.shape(x))
        if hasattr(x, "dtype"):
            return np.asarray(drawn, x.dtype)[()] if np.ndim(x) == 0 else drawn.astype(x.dtype)
        return type(x)(drawn)

    return tree_map(one, tree)


def _inner(a: Any, b: Any) -> float:
    """The real part of the sum of products: how cotangents and tangents are paired."""
    pairs = zip(flatten(a)[0], flatten(b)[0], strict=True)
    total = 0.0
    for x, y in pairs:
        if x is not None:
            product: Any = np.multiply(x, y)
            total += float(product.sum().real)
    return total


def _inner_of_sizes(a: Any, b: Any) -> float:
    pairs = zip(flatten(a)[0], flatten(b)[0], strict=True)
    return float(sum(np.sum(np.abs(np.multiply(x, y))) for x, y in pairs if x is not None))


def _random_sum(f: Callable[..., Any], n: int, value: Any, w: Any) -> Callable[..., Any]:
    """The function that sums the results of ``f``, weighted with ``w``."""
    paths = list(leaves_with_paths(value, "y"))
    weights = [x for _, x in leaves_with_paths(w, "w")]
    params = ", ".join(f"a{i}" for i in range(n))
    # What is None has no derivative, and no part in the sum.
    inside = [(i, path) for i, (path, x) in enumerate(paths) if x is not None]
    terms = [f"np.sum(np.real(w{i} * {path}))" for i, path in inside]
    if not any(np.iscomplexobj(x) for _, x in paths):
        terms = [f"np.sum(w{i} * {path})" for i, path in inside]
    text = f"def summed({params}):\n    y = f({params})\n    return {' + '.join(terms)}\n"
    names = {f"w{i}": x for i, x in enumerate(weights)}
    return define("summed", text, {"np": np, "f": f, **names})
