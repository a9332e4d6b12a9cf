"""All that generated code may call besides NumPy: small functions, each with a rule of its own."""

from __future__ import annotations

from srcad.runtime.arrays import add_at, broadcast_like, scatter, unbroadcast, unreduce
from srcad.runtime.items import add_item, as_like, stored_bar
from srcad.runtime.slopes import (
    clip_slope,
    larger,
    over,
    power_slope,
    safe_log,
    sinc_slope,
    tie_share,
)
from srcad.runtime.trees import add_trees, zeros_like_tree

__all__ = [
    "add_item",
    "as_like",
    "stored_bar",
    "add_at",
    "add_trees",
    "broadcast_like",
    "clip_slope",
    "larger",
    "over",
    "power_slope",
    "safe_log",
    "scatter",
    "sinc_slope",
    "tie_share",
    "unbroadcast",
    "unreduce",
    "zeros_like_tree",
]
