"""What a derivative reads from outside may change, and the next call must see it."""

from __future__ import annotations

import linecache
import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

from srcad import grad, jacfwd, jvp, vjp
from srcad.errors import MutationError


def module_of(text, **names):
    """A module such as a notebook's: its cells are run in one namespace."""
    made = types.ModuleType("cells")
    made.__dict__.update(np=np, grad=grad, jvp=jvp, **names)
    run(made, text)
    return made


def run(module, text):
    filename = f"<cell {id(text)} {len(linecache.cache)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), module.__dict__)


PROGRAM = """
def inner(x):
    return x * x

def helper(x):
    return inner(x) * factor

def f(x):
    return helper(x) + 1.0

factor = 1.0
df = grad(f)
"""


def test_a_helper_of_a_helper_is_redefined():
    cells = module_of(PROGRAM)
    assert cells.df(3.0) == 6.0
    run(cells, "def inner(x):\n    return x * x * x\n")
    assert cells.df(3.0) == 27.0
    run(cells, "def helper(x):\n    return 5.0 * x\n")
    assert cells.df(3.0) == 5.0


def test_a_global_of_a_helper_is_rebound():
    cells = module_of(PROGRAM)
    assert cells.df(3.0) == 6.0
    cells.factor = 10.0
    assert cells.df(3.0) == 60.0


def test_the_code_of_a_helper_is_replaced():
    cells = module_of(PROGRAM)
    assert cells.df(3.0) == 6.0
    cells.inner.__code__ = (lambda x: x * 7.0).__code__
    assert cells.df(3.0) == 7.0


def test_the_function_itself_is_redefined():
    cells = module_of(PROGRAM)
    assert cells.df(3.0) == 6.0
    run(cells, "def f(x):\n    return 2.0 * x\n")
    run(cells, "df = grad(f)")
    assert cells.df(3.0) == 2.0


def test_a_helper_of_what_is_differentiated_inside():
    text = PROGRAM + "def g(x):\n    return jvp(f, (x,), (1.0,))[1]\ndg = grad(g)\n"
    cells = module_of(text)
    assert cells.dg(3.0) == 2.0
    cells.factor = 4.0
    assert cells.dg(3.0) == 8.0
    run(cells, "def inner(x):\n    return x * x * x\n")
    assert cells.dg(3.0) == 72.0


def test_a_helper_in_another_module_is_replaced():
    tools = module_of("def scale(x):\n    return 2.0 * x\n")
    tools.__name__ = "tools"
    cells = module_of("def f(x):\n    return tools.scale(x)\ndf = grad(f)\n", tools=tools)
    assert cells.df(1.0) == 2.0
    run(tools, "def scale(x):\n    return 3.0 * x\n")
    assert cells.df(1.0) == 3.0


def test_the_contents_of_a_captured_dict():
    text = (
        "def f(x):\n    return x ** cfg['n'] * cfg['c']\ncfg = {'n': 2, 'c': 1.0}\ndf = grad(f)\n"
    )
    cells = module_of(text)
    assert cells.df(3.0) == 6.0
    cells.cfg["n"] = 3
    assert cells.df(3.0) == 27.0
    cells.cfg["c"] = 2.0
    assert cells.df(3.0) == 54.0


def test_a_captured_list_and_the_shape_of_a_captured_array():
    text = (
        "def f(x):\n    return np.sum(w * x) * ns[0]\n"
        "w = np.array([1.0, 2.0])\nns = [1]\ndf = grad(f)\n"
    )
    cells = module_of(text)
    assert cells.df(3.0) == 3.0
    cells.w[0] = 5.0
    assert cells.df(3.0) == 7.0
    cells.w = np.ones((2, 3))
    assert cells.df(3.0) == 6.0
    cells.ns[0] = 2
    assert cells.df(3.0) == 12.0


def test_a_closure_variable_is_rebound():
    def make():
        c = 2.0

        def f(x):
            return c * x

        def rebind(value):
            nonlocal c
            c = value

        return grad(f), rebind

    df, rebind = make()
    assert df(1.0) == 2.0
    rebind(5.0)
    assert df(1.0) == 5.0


# --- memory --------------------------------------------------------------------------------------


def shifted(a, b):
    a[0] = 2.0 * b[1]
    return np.sum(a * b)


W = np.arange(3.0)


def writes(a):
    a[0] = a[1]
    return np.sum(a * W)


def in_list(xs, y):
    y *= 2.0
    return np.sum(xs[0] * y)


def reads(a, b):
    return np.sum(a * b)


@pytest.mark.parametrize("of", [grad, jacfwd], ids=["grad", "jacfwd"])
def test_arguments_that_share_memory_are_refused_where_one_is_mutated(of):
    x = np.array([1.0, 2.0, 3.0])
    for args in ((x, x), (x[1:], x[:-1])):
        with pytest.raises(MutationError, match="`a` and `b` share memory") as caught:
            of(shifted)(*args)
        assert "a.copy()" in caught.value.instead
    with pytest.raises(MutationError, match="an array from outside"):
        of(writes)(W)


def test_memory_in_containers_and_in_vjp_and_jvp():
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(MutationError, match=r"`y` and `xs\[0\]`"):
        grad(in_list, argnums=1)([x], x)
    with pytest.raises(MutationError):
        vjp(shifted, x, x)
    with pytest.raises(MutationError):
        jvp(shifted, (x, x), (x, x))


def test_sharing_without_mutation_and_mutation_without_sharing_are_allowed():
    x = np.array([1.0, 2.0, 3.0])
    # The gradient for the first argument alone: the second counts as another array.
    assert np.allclose(grad(reads)(x, x), x)
    assert np.allclose(grad(shifted)(x, x.copy()), [0.0, 2.0, 3.0])
    buffer = np.ones(6)
    assert np.allclose(grad(shifted)(buffer[::2], buffer[1::2]), [0.0, 1.0, 1.0])


# --- numbers and arrays of every kind ------------------------------------------------------------


def energy(x):
    return np.sum(x * x * x)


def test_float32_zero_dimensional_and_empty_arrays():
    for x in (np.array([1.5, 2.0], np.float32), np.array(2.0), np.zeros(0), np.zeros((2, 0))):
        g = grad(energy)(x)
        assert g.dtype == x.dtype and g.shape == x.shape
        assert np.allclose(g, 3 * x * x)
        assert isinstance(g, np.ndarray)
    assert type(grad(energy)(np.float32(2.0))) is np.float32
    assert isinstance(grad(energy)(2.0), float)


def test_threads_share_one_derivative():
    df = grad(energy)
    xs = [np.full(n % 5 + 1, float(n)) for n in range(40)]
    found: dict[int, np.ndarray] = {}
    failed: list[BaseException] = []

    def work(k):
        try:
            for at in range(k, len(xs), 4):
                found[at] = df(xs[at])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert all(np.allclose(found[i], 3 * x * x) for i, x in enumerate(xs))
    assert len(found) == len(xs)


module_gradient = grad(energy, argnums=(0,))


def test_a_derivative_pickles_as_its_recipe():
    (g,) = pickle.loads(pickle.dumps(module_gradient))(np.array([2.0]))
    assert np.allclose(g, 12.0)


def test_heavy_modules_wait_for_the_first_call():
    code = (
        "import sys, srcad;"
        "heavy = ['libcst', 'optree', 'srcad.ir.nodes', 'srcad.pipeline', 'srcad.types.lattice'];"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_random_numbers_are_imported_that_numpy_leaves_out():
    code = "import sys, numpy; a = 'numpy.random' in sys.modules; import srcad;"
    code += "print(a == ('numpy.random' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
