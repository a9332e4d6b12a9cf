"""A loop that may return: the backward sweep runs over the turns that were taken."""

from __future__ import annotations


def early_return(x, n):
    y = x
    for i in range(n):
        if y > 2.0:
            return y * y
        y = y * y + 0.5 * x
    return y


def early_return_grad(x, n):
    y = x
    y_saved = []
    returned = False
    for i in range(n):
        if y > 2.0:
            returned = True
            break
        y_saved.append(y)
        y = y * y + 0.5 * x
    y_bar = 2 * y if returned else 1.0
    x_bar = 0.0
    while y_saved:
        y = y_saved.pop()
        x_bar += 0.5 * y_bar
        y_bar = 2 * y_bar * y
    return x_bar + y_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (early_return_grad,)


def arguments(rng):
    return 0.95, 9
