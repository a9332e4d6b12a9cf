"""The transposes of products that `srcad.runtime` computes: bilinear each, as the products are."""

from __future__ import annotations

from srcad import runtime
from srcad.rules.declare import Fn, Samples, linear
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.rules.transposes import like

__all__: list[str] = []


def _bars_of_product(
    bar_a: Fn, bar_b: Fn, product: str, samples_a: Samples, samples_b: Samples, *, more: str = ""
) -> None:
    """The cotangents of the two factors of ``product``: each is bilinear in the other two.

    ``more`` is a further parameter of the product.
    """
    a, b = bar_a.__name__, bar_b.__name__
    also = f", {more}" if more else ""
    linear(
        bar_a,
        f"t, a, b{also} -> z",
        t=f"{product}(g, b{also})",
        b=f"{b}(t, g, b{also})",
        result=lambda t, a, b, axes=None: like(a),
        samples=samples_a,
    )
    linear(
        bar_b,
        f"t, a, b{also} -> z",
        t=f"{product}(a, g{also})",
        a=f"{a}(t, a, g{also})",
        result=lambda t, a, b, axes=None: like(b),
        samples=samples_b,
    )


_bars_of_product(
    runtime.matmul_bar_a,
    runtime.matmul_bar_b,
    "np.matmul",
    lambda: (
        of(array(2, 4), array(2, 3), array(3, 4)),
        of(array(2), array(2, 3), array(3)),
        of(array(5, 2, 4), array(2, 3), array(5, 3, 4)),
    ),
    lambda: (
        of(array(2, 4), array(2, 3), array(3, 4)),
        of(array(4), array(3), array(3, 4)),
        of(array(5, 2, 4), array(5, 2, 3), array(3, 4)),
    ),
)


def _dot_samples() -> tuple[Sample, ...]:
    return (
        of(array(2, 4), array(2, 3), array(3, 4)),
        of(array(2, 5, 4), array(2, 3), array(5, 3, 4)),
    )


_bars_of_product(runtime.dot_bar_a, runtime.dot_bar_b, "np.dot", _dot_samples, _dot_samples)


def _inner_samples() -> tuple[Sample, ...]:
    return (of(array(2, 4), array(2, 3), array(4, 3)),)


_bars_of_product(runtime.inner_bar, runtime.inner_bar_b, "np.inner", _inner_samples, _inner_samples)


def _tensordot_samples() -> tuple[Sample, ...]:
    return (
        of(array(2, 4), array(2, 3), array(3, 4), 1),
        of(array(2), array(2, 3, 4), array(4, 3), ((1, 2), (1, 0))),
    )


_bars_of_product(
    runtime.tensordot_bar_a,
    runtime.tensordot_bar_b,
    "np.tensordot",
    _tensordot_samples,
    _tensordot_samples,
    more="axes",
)
