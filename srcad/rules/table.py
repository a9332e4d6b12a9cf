"""The one table of derivatives: what a rule is, and where it is looked up.

A rule says how its function acts on a tangent or a cotangent, which is called ``g`` in both cases.
The forward transform, the reverse transform, the tape, the recording analysis and the tests all
read this table. The rules themselves stand in the other modules of this package, one family each;
they are imported when a rule is first asked for, and those of SciPy when a function of it is.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from srcad.kinds import attribute, is_log
from srcad.rules.signature import REQUIRED, BindError, Parameter, Sample
from srcad.types.lattice import Type

__all__ = [
    "REQUIRED",
    "UNTOLD",
    "BindError",
    "Parameter",
    "Rule",
    "Sample",
    "all_rules",
    "has_own_rule",
    "has_users_rule",
    "load_own",
    "register",
    "rule_for",
]

FAMILIES: Final = (
    "arithmetic",
    "elementwise",
    "selection",
    "complex_numbers",
    "scalars",
    "constants",
    "places",
    "reductions",
    "products",
    "shape",
    "joining",
    "indexing",
    "creation",
    "linalg",
    "linalg_factors",
    "fourier",
    "helpers",
    "transposes",
    "transposed_products",
    "random",
)

SPECIAL: Final = "special"
"""The family of the functions of `scipy.special`, which needs SciPy."""

LOGS: Final = "logs"
"""The family of the functions of `logging`, which few programs use."""

Kind = Literal["elementwise", "linear", "joint_linear", "constant", "coupled"]
Ranks = tuple[int | None, ...]


UNTOLD: Final = "?"
"""The text of a derivative that is not known, and is refused where it is asked for."""


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How one function acts on tangents and cotangents.

    Parameters
    ----------
    fn, path
        The function and the dotted text that reaches it (``"np.tanh"``).
    params, result_name
        The declared signature: what is not in it is refused by `srcad.rules.binding.bind`.
    kind
        ``"elementwise"``: both modes use one expression, in which broadcasting is not undone.
        ``"linear"``: the tangent is the function itself. ``"joint_linear"``: the first parameter is
        a sequence of arrays. ``"constant"``: the derivative is zero. ``"coupled"``: both texts are
        given.
    cotangents, tangents
        For each parameter, the text of its cotangent, and of its contribution to the result's
        tangent, in ``g``, the parameters and the result; `UNTOLD` where there is a derivative that
        is not known. A parameter without a text has none.
    into
        For each parameter, a statement that accumulates in place, in place of its cotangent.
    at_rank
        Better cotangents for certain ranks of the differentiable parameters (``None`` is any rank).
    real, real_tangents
        Better texts where every operand is known to be real.
    at_constant
        Better cotangents where some operands are known constants: called with their values, and
        whether every operand is known to be real.
    result
        The abstract result, called with the type of every parameter by keyword; it raises
        `LookupError` where it cannot tell.
    shares
        The parameters whose memory the result may share.
    only
        The parameters that must be literals, and for which ones the rule is right (none: for any).
    draws
        Whether it draws random numbers: no call of it is like another.
    exact
        Whether the texts are sure to be the true derivative, of which the derivative is symmetric.
    samples
        Makes the arguments on which the tests try the rule.
    """

    fn: Callable[..., object]
    path: str
    params: tuple[Parameter, ...]
    result_name: str
    kind: Kind
    cotangents: Mapping[str, str] = field(default_factory=_no_texts)
    tangents: Mapping[str, str] = field(default_factory=_no_texts)
    into: Mapping[str, str] = field(default_factory=_no_texts)
    at_rank: Mapping[Ranks, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    real: Mapping[str, str] = field(default_factory=_no_texts)
    real_tangents: Mapping[str, str] = field(default_factory=_no_texts)
    at_constant: Callable[[Mapping[str, object], bool], Mapping[str, str]] | None = None
    result: Callable[..., Type] | None = None
    shares: tuple[str, ...] = ()
    only: Mapping[str, tuple[object, ...]] = field(default_factory=lambda: MappingProxyType({}))
    draws: bool = False
    exact: bool = True
    samples: Callable[[], tuple[Sample, ...]] = tuple

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The parameters that have a derivative, in order."""
        return _differentiable(self)


@cache
def _differentiable(rule: Rule) -> tuple[str, ...]:
    return tuple(p.name for p in rule.params if p.name in rule.cotangents or p.name in rule.into)


# --- the table -----------------------------------------------------------------------------------

_lock = threading.RLock()
_rules: dict[object, Rule] = {}
_own: set[object] = set()
_loaded: set[str] = set()
_loading: list[str] = []


def register(rule: Rule) -> Rule:
    """Put ``rule`` into the table, in place of an earlier one for the same function."""
    with _lock:
        if _loading:
            _own.add(rule.fn)
        _rules[rule.fn] = rule
    return rule


def load_own() -> None:
    """Have srcad's own rules in the table, but for those of SciPy's functions."""
    with _lock:
        if "numpy" not in _loaded:
            _own.update(_rules)  # of `srcad.stop_gradient`; users' come later
            _load("numpy", FAMILIES)


def _load(what: str, families: tuple[str, ...]) -> None:
    with _lock:
        if what not in _loaded:
            _loading.append(what)
            try:
                for family in families:
                    importlib.import_module(f"srcad.rules.{family}")
            finally:
                _loading.pop()
            _loaded.add(what)  # last, as it tells that all are there


def _is_special(fn: object) -> bool:
    """Whether ``fn`` is a function of `scipy.special`, which is imported only if somebody did."""
    home = sys.modules.get("scipy.special")
    name = attribute(fn, "__name__", "") if home is not None else ""
    return isinstance(name, str) and name != "" and getattr(home, name, None) is fn


def has_own_rule(fn: object) -> bool:
    """Whether srcad itself has a rule for ``fn``, and so knows what ``fn`` does with its operands.

    Examples
    --------
    >>> import numpy as np
    >>> has_own_rule(np.tanh), has_own_rule(has_own_rule)
    (True, False)
    """
    return rule_for(fn) is not None and fn in _own


def has_users_rule(fn: object) -> bool:
    """Whether there is a rule for ``fn``, and it is not srcad's own.

    Examples
    --------
    >>> import numpy as np
    >>> has_users_rule(np.tanh), has_users_rule(has_users_rule)
    (False, False)
    """
    return rule_for(fn) is not None and fn not in _own


def rule_for(fn: object) -> Rule | None:
    """The rule of ``fn``, or ``None`` if it has none.

    Examples
    --------
    >>> import numpy as np
    >>> rule_for(np.tanh).path
    'np.tanh'
    >>> rule_for([]) is None
    True
    """
    if "numpy" not in _loaded:
        load_own()
    try:
        found = _rules.get(fn)
    except TypeError:  # unhashable
        return None
    if found is None and LOGS not in _loaded and is_log(fn):
        _load(LOGS, (LOGS,))
        return _rules.get(fn)
    if found is None and SPECIAL not in _loaded and _is_special(fn):
        _load(SPECIAL, (SPECIAL,))
        return _rules.get(fn)
    return found


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by path; those of SciPy's functions too, where SciPy is imported."""
    load_own()
    if "scipy.special" in sys.modules:
        _load(SPECIAL, (SPECIAL,))
    return tuple(sorted(_rules.values(), key=lambda rule: rule.path))
