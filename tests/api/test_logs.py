"""What writes a line of a log does so once, in the forward part."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

from srcad import grad, hvp, jvp, value_and_grad

log = logging.getLogger("tests.logs")
X = np.array([0.7, 1.2, 0.4])


class Model:
    def __init__(self) -> None:
        self.log = logging.getLogger("tests.logs.model")

    def loss(self, x):
        self.log.warning("loss of %d items", len(x))
        return np.sum(x**3)


model = Model()


def loss_of_a_model(x):
    total = model.loss(x)
    log.log(logging.INFO, "loss %.3f", total)
    return total


def turns(x):
    for i in range(2):
        x = x * x
        log.info("turn %d: %s", i, x[0] > 0)
        logging.getLogger().debug("not seen")
    logging.info(f"{len(x)} items")
    return np.sum(x)


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("derivative", "wanted"),
    [
        (grad(turns), 4 * X**3),
        (lambda x: value_and_grad(turns)(x)[1], 4 * X**3),
        (lambda x: jvp(turns, (x,), (np.ones(3),))[1], np.sum(4 * X**3)),
        (lambda x: hvp(turns, (x,), (np.ones(3),)), 12 * X**2),
    ],
)
def test_lines_are_written_once(derivative, wanted, lines):
    np.testing.assert_allclose(derivative(X), wanted, rtol=1e-14)
    assert lines() == ["turn 0: True", "turn 1: True", "3 items"]


def test_the_logger_of_an_object(lines):
    np.testing.assert_allclose(grad(loss_of_a_model)(X), 3 * X**2, rtol=1e-14)
    assert lines() == ["loss of 3 items", f"loss {np.sum(X**3):.3f}"]


def test_it_is_written_as_the_user_wrote_it():
    assert 'log.info("turn %d: %s", i, x[0] > 0)' in grad(turns).source_for(X)


def test_logging_is_not_imported_unasked():
    code = (
        "import sys, numpy as np, srcad; srcad.grad(np.tanh)(0.5); print('logging' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
