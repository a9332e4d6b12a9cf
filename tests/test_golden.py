"""Generated text held against the gradients of ``tests/golden``: as prose, and run on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.differences import directional, inner, inner_magnitude, random_like
from tests.golden.listing import LISTINGS, NAMES, Listing, code_lines, generated, stored
from tests.trees import copied, tree_map


def as_tuple(listing: Listing, gradients: Any) -> tuple[Any, ...]:
    alone = len(listing.module.ARGNUMS) == 1
    bare = alone and not (type(gradients) is tuple and len(gradients) == 1)
    return (gradients,) if bare else gradients


def agrees_with_differences(listing: Listing, gradients: tuple[Any, ...]) -> None:
    args = listing.arguments()
    nums = listing.module.ARGNUMS
    direction = random_like(tuple(args[i] for i in nums), np.random.default_rng(11))
    full: list[Any] = [tree_map(lambda _: None, a) for a in args]
    for i, d in zip(nums, direction, strict=True):
        full[i] = d
    wanted = directional(listing.primal, args, tuple(full)).value
    terms = inner_magnitude(gradients, direction)
    assert abs(inner(gradients, direction) - wanted) <= 1e-9 * max(terms, abs(wanted))


@pytest.mark.parametrize("name", NAMES)
def test_the_hand_written_gradient_is_right(name: str) -> None:
    listing = LISTINGS[name]
    agrees_with_differences(listing, as_tuple(listing, listing.gradient(*listing.arguments())))


@pytest.mark.parametrize("name", NAMES)
def test_hardly_longer_than_by_hand(name: str) -> None:
    listing = LISTINGS[name]
    text = generated(listing)
    written = code_lines(listing.written())
    # Beyond the design's own listings a module says by how much its text is still longer.
    ratio = getattr(listing.module, "RATIO", 1.3)
    assert len(code_lines(text)) <= ratio * len(written), text


@pytest.mark.parametrize("name", NAMES)
def test_nothing_recorded_that_the_expert_does_not(name: str) -> None:
    listing = LISTINGS[name]
    text = generated(listing)
    more = getattr(listing.module, "MORE_RECORDS", 0)
    assert text.count(".append(") <= listing.written().count(".append(") + more, text


@pytest.mark.parametrize("name", NAMES)
def test_runs_on_its_own(name: str) -> None:
    listing = LISTINGS[name]
    namespace: dict[str, Any] = {f.__name__: f for f in listing.module.HELPERS}
    exec("import math\nimport numpy as np\n" + generated(listing), namespace)
    args = listing.arguments()
    before = [np.copy(a).tobytes() for a in args if isinstance(a, np.ndarray)]
    result = namespace[f"{name}_grad"](*args)
    assert before == [a.tobytes() for a in args if isinstance(a, np.ndarray)]
    agrees_with_differences(listing, as_tuple(listing, copied(result)))


@pytest.mark.parametrize("name", NAMES)
def test_stored_text(name: str) -> None:
    path = stored(name)
    assert path.exists(), f"no reviewed text: python -m tests.golden.update {name}"
    assert generated(LISTINGS[name]) == path.read_text(encoding="utf-8")


PRINT_ALL = """
import sys
from tests.golden.listing import LISTINGS, generated
for listing in LISTINGS.values():
    sys.stdout.write(generated(listing))
"""


def test_same_bytes_whatever_the_hash_seed() -> None:
    root = Path(__file__).parent.parent
    texts = [
        subprocess.run(
            [sys.executable, "-c", PRINT_ALL],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    ]
    assert texts[0]
    assert texts[0] == texts[1] == texts[2]
