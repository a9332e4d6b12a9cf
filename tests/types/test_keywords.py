"""Keywords that say how something is computed leave no trace where they change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad
from srcad.errors import MutationError, UnknownFunctionError

X = np.array([0.7, 1.2, 0.4])


def plainly(x):
    return np.sum(np.concatenate((x, np.asarray(x)))) * np.mean(x) * np.array(x)[0]


def in_so_many_words(x):
    return (
        np.sum(np.concatenate((x, np.asarray(x, float, copy=False)), dtype=float), where=True)
        * np.mean(x, dtype=np.float64)
        * np.array(x, copy=True, order="K")[0]
    )


def test_what_changes_nothing_is_left_out():
    found, wanted = grad(in_so_many_words).source_for(X), grad(plainly).source_for(X)
    assert _statements(found) == _statements(wanted)


def _statements(text):
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("def ")]


def narrowed(x):
    return np.sum(np.concatenate((x, x), dtype=np.float32)) + x.sum(dtype="float32")


def test_a_narrower_dtype_is_a_step_of_its_own():
    df = grad(narrowed)
    assert "astype(np.float32)" in df.source_for(X)
    np.testing.assert_array_equal(df(X), [3.0, 3.0, 3.0])
    assert df(X).dtype == np.float64


def counted(x):
    return np.sum(x, dtype=int) * x[0]


def test_whole_numbers_have_no_derivative():
    np.testing.assert_array_equal(grad(counted)(X + 1), [4.0, 0.0, 0.0])


def rounded_on_the_way(x):
    return np.sum(np.multiply(x, 2.0, dtype=np.float32))


def whole_numbers_between(x):
    return np.sum(np.linspace(x[0], -2.5, 4, dtype=int) * x)


def as_it_lies(x):
    return x.reshape(3, 1).T.ravel(order="K")[0]


def perhaps_copied(x, copy):
    return np.sum(np.asarray(x, copy=copy))


def added_into(x):
    y = np.zeros(3)
    np.multiply(x, x, out=y, dtype=float)
    return np.sum(y)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (rounded_on_the_way, (X,)),
        (whole_numbers_between, (X,)),
        (as_it_lies, (X,)),
        (perhaps_copied, (X, True)),
        (added_into, (X.astype(np.float32),)),
    ],
)
def test_what_would_give_other_numbers_is_refused(f, args):
    with pytest.raises((UnknownFunctionError, MutationError), match=r"this call of `|in-place"):
        grad(f)(*args)
