"""Mutants of the corpus against differences: what is not refused is right, in both modes."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any

import numpy as np

from srcad import SrcadError, jvp
from tests.fuzz.mutants import mutant
from tests.fuzz.parts import in_parts, seeds
from tests.modules import module_of_text
from tests.test_programs import PROGRAMS, Case, gradients_of, snapshot
from tests.trees import is_float, leaves

# Those that run until something is small might never end.
ENDING = sorted(
    name
    for name, p in PROGRAMS.items()
    if isinstance(p.fn, FunctionType)
    and p.fn.__closure__ is None
    and p.rtol < 1e-6
    and not {"iter", "next", "count"} & set(p.fn.__code__.co_names)
)


@in_parts(40)
def test_right_or_refused(tmp_path: Path, part: range) -> None:
    outcomes: Counter[str] = Counter()
    for seed in seeds(part):
        # So chosen, few seeds change their program when the corpus gains one.
        name = min(ENDING, key=lambda n: zlib.crc32(f"{seed} {n}".encode()))
        outcomes[outcome(name, Random(seed), tmp_path / f"mutant_{seed}.py")] += 1
    assert outcomes["right"] >= 0.1 * len(part), outcomes


def outcome(name: str, random: Random, path: Path) -> str:
    p = PROGRAMS[name]
    text = mutant(p.fn, random)
    if text is None or "while " in text:
        return "left out"
    space = module_of_text("import numpy as np\n" + text, path).__dict__
    space.update({k: v for k, v in p.fn.__globals__.items() if k not in space})
    with np.errstate(all="ignore"):
        case = reference(replace(p, fn=space[p.fn.__name__], analytic=False, expect=None))
        return "no reference" if case is None else checked(case, text)


def reference(p: Any) -> Case | None:
    """The program with its derivative by differences, if it has one."""
    try:
        case = Case(p)
        first = case.first
    except Exception:  # whatever the mutant raises
        return None
    values = [np.asarray(y) for y in leaves(case.y) if is_float(y)]
    finite = bool(values) and all(np.isfinite(v).all() for v in values)
    return case if finite and first.error < 1e-10 * (1 + abs(first.value)) else None


def checked(case: Case, text: str) -> str:
    before = snapshot(case.args)
    try:
        gradients = gradients_of(case)
        _, y_dot = jvp(case.restricted, case.diff, case.v)
    except SrcadError:
        return "refused"
    assert snapshot(case.args) == before, text
    wanted = case.first.value
    scale = 1e-8 * (1 + abs(wanted))
    assert abs(product(gradients, case.v) - wanted) <= scale, text
    weights = 1.0 if case.is_scalar else case.weights
    assert abs(product(y_dot, weights) - wanted) <= scale, text
    return "right"


def product(a: Any, b: Any) -> float:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return float(sum(np.sum(x * y) for x, y in pairs if is_float(x) and y is not None))
