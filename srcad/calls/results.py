"""Gradients as the caller gets them: like the argument, and in memory of their own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, cast

import numpy as np

from srcad.errors import OutputError
from srcad.kinds import ARRAY, DICT, NUMBER, PLAIN, SEQUENCE
from srcad.runtime.records import with_fields

__all__ = ["Owner", "owned", "roots_of"]


def roots_of(values: tuple[Any, ...]) -> frozenset[int] | None:
    """The ids of the arrays behind ``values``; ``None`` if there may be more inside of them."""
    found: set[int] = set()
    for value in values:
        if isinstance(value, ARRAY):
            found.add(id(_root(value)))
        elif isinstance(value, (SEQUENCE, DICT)) or is_dataclass(value):
            return None
    return frozenset(found)


def owned(
    params: tuple[Any, ...],
    wrt: tuple[int, ...],
    gradients: tuple[Any, ...],
    captured: frozenset[int] | None,
) -> tuple[Any, ...] | None:
    """``gradients`` as `Owner` hands them out, of numbers and arrays, where that is quickly done.

    Parameters
    ----------
    params : tuple
        All arguments.
    wrt : tuple of int
        Which of these ``gradients`` belong to.
    gradients : tuple
    captured : frozenset of int or None
        `roots_of` what the function captured.

    Returns
    -------
    tuple or None
        ``None`` where it takes an `Owner`.

    Examples
    --------
    >>> import numpy as np
    >>> x, g = np.ones(2), np.zeros(2)
    >>> owned((x,), (0,), (g,), frozenset())[0] is g, owned((x,), (0,), (x,), frozenset())[0] is x
    (True, False)
    >>> owned(([x],), (0,), ([g],), frozenset())
    """
    if captured is None:
        return None
    others: list[Any] = []
    for p in params:
        if type(p) is ARRAY:
            others.append(p)
        elif type(p) not in PLAIN:
            return None
    for at, place in enumerate(wrt):
        p, g = params[place], gradients[at]
        if type(p) is float:
            if not isinstance(g, float):
                return None
        elif type(p) is ARRAY and type(g) is ARRAY and g.shape == p.shape and g.dtype == p.dtype:
            if not _is_apart(g, others, captured):
                g = g.copy()
                gradients = (*gradients[:at], g, *gradients[at + 1 :])
            others.append(g)
        else:
            return None
    return gradients


def _is_apart(array: Any, others: list[Any], captured: frozenset[int]) -> bool:
    """Whether ``array`` is memory that nobody else holds."""
    root = array if array.base is None else _root(array)
    for other in others:
        if other is root or (other.base is not None and _root(other) is root):
            return False
    if array.base is None:
        return id(array) not in captured
    if root.base is None:
        return array.flags.writeable and id(root) not in captured
    # Memory that only Numba knows, which may be an argument's.
    return array.flags.writeable and not any(np.may_share_memory(array, o) for o in others)


class Owner:
    """Hands over results that share no memory with ``others``, nor with each other.

    The gradient of ``np.dot(x, y)`` for ``x`` may be ``y`` itself: a caller who scales the gradient
    in place must not change ``y``.

    Parameters
    ----------
    others : tuple
        Arguments and captured values, which must stay as they are.
    """

    __slots__ = ("_roots",)

    def __init__(self, *others: Any) -> None:
        self._roots: dict[int, Any] = {}
        for other in others:
            self._remember(other)

    def _remember(self, value: Any) -> None:
        if isinstance(value, ARRAY):
            root = _root(value)
            # The root itself is kept: the id of a dead object may be given out again.
            self._roots[id(root)] = root
        elif isinstance(value, SEQUENCE):
            for item in cast("list[Any]", value):
                self._remember(item)
        elif isinstance(value, DICT):
            for item in cast("dict[Any, Any]", value).values():
                self._remember(item)
        elif is_dataclass(value) and not isinstance(value, type):
            for f in fields(value):
                self._remember(getattr(value, f.name))

    def like(self, primal: Any, gradient: Any) -> Any:
        """``gradient`` in the dtype, shape and structure of ``primal``; ``None`` stands for zero.

        Parameters
        ----------
        primal : tree
        gradient : tree

        Returns
        -------
        tree

        Examples
        --------
        >>> import numpy as np
        >>> Owner().like(np.float32(2), 1.5)
        np.float32(1.5)
        >>> Owner().like({"a": np.ones(2), "b": 3.0}, {"a": None, "b": None})
        {'a': array([0., 0.]), 'b': 0.0}
        """
        match primal:
            case float():
                if type(primal) is float and isinstance(gradient, float):
                    return gradient
                return type(primal)(0.0 if gradient is None else _real(gradient))
            case _ if isinstance(primal, ARRAY):
                return self._array(primal, gradient)
            case _ if isinstance(primal, NUMBER):
                value = 0.0 if gradient is None else gradient
                if primal.dtype.kind == "f":
                    value = _real(value)
                return primal.dtype.type(value) if primal.dtype.kind in "fc" else None
            case complex():
                return complex(0.0 if gradient is None else gradient)
            case tuple() | list() | dict():
                return self._container(cast("Any", primal), gradient)
            case _ if is_dataclass(primal) and not isinstance(primal, type):
                return self._record(primal, gradient)
            case _:
                return None

    def fresh(self, array: Any) -> Any:
        """``array``, copied where it shares memory with what was handed in or over before."""
        root = _root(array)
        # A base that is no array tells nothing: Numba gives one to a view of an argument too.
        unclear = root.base is not None
        if unclear or id(root) in self._roots or not array.flags.writeable:
            array = array.copy()
        self._remember(array)
        return array

    def _array(self, primal: Any, gradient: Any) -> Any:
        if primal.dtype.kind not in "fc":
            return None
        if gradient is None or (np.shape(gradient) != primal.shape and _is_zero(gradient)):
            return np.zeros(primal.shape, primal.dtype)
        if np.shape(gradient) != primal.shape:
            raise OutputError(
                f"the derivative by an argument of shape {primal.shape} has shape"
                f" {np.shape(gradient)}",
                why="a derivative of your own, a custom_vjp, custom_jvp or rule, gave it that"
                " shape; if there is none, this is a bug in srcad",
                instead="give each cotangent, and each tangent, the shape of its value",
            )
        if primal.dtype.kind == "f":
            gradient = _real(gradient)
        return self.fresh(np.asarray(gradient, primal.dtype))

    def _container(self, primal: Any, gradient: Any) -> Any:
        if isinstance(primal, DICT):
            pairs = cast("dict[Any, Any]", primal).items()
            made = {k: self.like(v, None if gradient is None else gradient[k]) for k, v in pairs}
            return made if type(primal) is dict else _same_mapping(primal, made)  # pyright: ignore[reportUnknownArgumentType]
        parts = [None] * len(primal) if gradient is None else gradient
        items = [self.like(p, g) for p, g in zip(primal, parts, strict=True)]
        return primal._make(items) if hasattr(primal, "_fields") else type(primal)(items)

    def _record(self, primal: Any, gradient: Any) -> Any:
        parts = {
            f.name: self.like(
                getattr(primal, f.name), None if gradient is None else _field(gradient, f.name)
            )
            for f in fields(primal)
        }
        return with_fields(primal, parts)


def _real(gradient: Any) -> Any:
    """``gradient``, of a real argument, which is refused if it is complex."""
    if not np.iscomplexobj(gradient):
        return gradient
    raise OutputError(
        "the derivative by a real argument is complex",
        why="somewhere the function computes complex numbers of real ones, as Python does for"
        " `(-2.0) ** 0.5`; or a derivative of your own gave one",
        instead="keep what is raised to a power positive, or make the argument complex",
    )


def _same_mapping(primal: Any, made: dict[Any, Any]) -> Any:
    copy = primal.copy()
    copy.update(made)
    return copy


def _field(gradient: Any, name: str) -> Any:
    return gradient[name] if isinstance(gradient, DICT) else getattr(gradient, name)


def _is_zero(gradient: Any) -> bool:
    return isinstance(gradient, int | float) and gradient == 0


def _root(array: Any) -> Any:
    while isinstance(array.base, ARRAY):
        array = array.base
    return array
