"""Derivatives of NumPy functions, as source you can read.

>>> from srcad import grad
>>> def f(x):
...     return x * x
>>> grad(f)(3.0)
6.0
"""

from __future__ import annotations

from srcad.api import (
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from srcad.custom import custom_jvp, custom_vjp, rule, stop_gradient
from srcad.errors import SrcadError
from srcad.testing import check_grads

__all__ = [
    "SrcadError",
    "check_grads",
    "custom_jvp",
    "custom_vjp",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "rule",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

__version__ = "0.1.0"
