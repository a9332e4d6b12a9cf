"""Programs that define functions inside themselves, and hand them to others."""

from __future__ import annotations

import functools

import numpy as np

from tests.programs.registry import program

SCALE = 1.5


def vector(n):
    return lambda rng: (rng.standard_normal(n),)


def rk4_step(f, y, h):
    k1 = f(y)
    k2 = f(y + h / 2 * k1)
    k3 = f(y + h / 2 * k2)
    k4 = f(y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def newton(f, x, steps=6, *, slope=2.0):
    for _ in range(steps):
        x = x - f(x) / slope
    return x


def twice(f, x):
    return f(f(x))


def repeated(f, n, x):
    if n == 0:
        return x
    return repeated(f, n - 1, f(x))


def trapezoid(f, a, b, n):
    h = (b - a) / n
    total = 0.5 * (f(a) + f(b))
    for i in range(1, n):
        total += f(a + i * h)
    return total * h


def fixed_point(f, x):
    damped = lambda v: 0.5 * (v + f(v))
    for _ in range(5):
        x = damped(x)
    return x


def composed(f, g, x):
    return f(g(x)) + g(f(x))


@program(vector(4), analytic=True, order=3)
def closure_and_lambda(x):
    s = np.sum(x)

    def g(a):
        b = np.tanh(a)
        return b * s

    sq = lambda v: v * v
    return np.sum(g(x)) + sq(s)


@program(lambda rng: (rng.standard_normal(3), 0.7), argnums=(0, 1), analytic=True)
def rk4_of_a_closure(y0, k):
    def rhs(y):
        return -k * np.sin(y)

    y = y0
    for _ in range(4):
        y = rk4_step(rhs, y, 0.1)
    return y.sum()


@program(lambda rng: (rng.standard_normal(3), 0.7, 1.2), argnums=(0, 1, 2), analytic=True)
def rk4_of_a_long_closure(y0, k, w):
    def rhs(y):
        dy = np.zeros(3)
        dy[0] = y[1]
        dy[1] = -k * y[0] - w * y[1] * y[2]
        dy[2] = k * w - y[2]
        return dy

    y = y0
    for _ in range(3):
        y = rk4_step(rhs, y, 0.1)
    return np.sum(y * y)


@program(lambda rng: (1.7,), analytic=True, order=3)
def newton_of_a_lambda(a):
    return newton(lambda t: t * t - a, 1.0)


@program(lambda rng: (1.7, 0.4), argnums=(0, 1), analytic=True)
def lambda_by_keyword(a, b):
    return newton(x=b, slope=2.0 + a, f=lambda t: t * t * t - a, steps=3)


@program(lambda rng: (0.8,), analytic=True)
def late_binding(x):
    scale = x

    def g(a):
        return a * scale * scale

    y = g(x)
    scale = np.sin(x)
    y = y + g(2.0)
    for i in range(3):
        scale = scale * x + i
        y = y + g(y)
    return y


@program(lambda rng: (0.8, 0.3), argnums=(0, 1), analytic=True)
def default_of_its_time(x, w):
    scale = x

    def g(a, by=scale, plus=0.5, *, power=w * x):
        return a * by + plus * scale * power

    scale = x * w
    return g(x) + g(w, x) * g(w, plus=x) + g(1.0, power=w, by=w)


@program(lambda rng: (0.6,), analytic=True)
def recursive_closure(x):
    n = 4

    def power(i):
        if i == 0:
            return 1.0
        return x * power(i - 1) + n * x

    return power(n)


@program(lambda rng: (0.6, 5), analytic=True)
def mutually_recursive_closures(x, n):
    def even(i):
        return 1.0 if i == 0 else x * odd(i - 1)

    def odd(i):
        return np.sin(x) if i <= 0 else even(i - 1) + x

    return even(n) + odd(n)


@program(lambda rng: (0.6, 1.1), argnums=(0, 1), analytic=True)
def calls_each_other(x, y):
    def outer(a):
        z = a * x
        return inner(z) + inner(y)

    def inner(b):
        z = np.sin(b)
        return z * z * y

    x = x * y
    return outer(y) * inner(x)


@program(lambda rng: (0.6, 1.1), argnums=(0, 1), analytic=True)
def functions_in_functions(x, y):
    def outer(a):
        x_2 = a * y

        def middle(b):
            def innermost(c):
                return c * a + x * x_2

            return innermost(b) * innermost(x_2)

        return middle(a) + middle(x)

    return outer(x) + outer(y * y)


@program(lambda rng: (0.9,))
def early_returns_inside(x):
    def clipped(a):
        if a > 2 * x:
            return 2 * x * a
        for i in range(3):
            if a * i > x:
                return a * a * i
        return a + x

    return clipped(x) * clipped(3 * x) + clipped(0.1 * x)


@program(lambda rng: (0.9, 4))
def defined_in_a_loop_and_a_branch(x, n):
    total = 0.0
    for i in range(n):

        def step(a):
            return a * x + i

        total += step(total)
        if i % 2:

            def odd(a):
                return np.sin(a) * i * x

            total += odd(total)
    return total


@program(vector(4), analytic=True)
def in_comprehensions(x):
    scale = x[0]
    f = lambda v, i: v * scale + i * x[1]
    ys = [f(v, i) for i, v in enumerate(x)]
    zs = [newton(lambda t: t * t - v * v - 1.0, 1.0, steps=3) for v in x]
    return sum(ys) * sum(f(z, 2) for z in zs)


@program(lambda rng: (0.9,), analytic=True)
def shadowed_names(x):
    s = x * x
    i = 3.0 * x

    def g(s, t=2.0):
        y = s * t
        return y * i

    def h(x):
        i = x * s
        return g(i) + i

    y = sum([g(i) * h(i) for i in range(3)])
    return y + h(s) * g(i)


@program(lambda rng: (0.9, 0.4), argnums=(0, 1), analytic=True)
def same_name_in_the_helper(x, slope):
    steps = x * slope
    return newton(lambda t: t * t * slope - x * steps, x, 3)


@program(lambda rng: (0.9, 0.4), argnums=(0, 1), analytic=True)
def two_lambdas_on_a_line(x, y):
    f, g = 2.0, 3.0
    return composed(lambda v: v * x + f, lambda v: np.sin(v) * y * x * g, x * y)


@program(lambda rng: (0.9, 0.4), argnums=(0, 1), analytic=True)
def function_for_a_function(x, y):
    def wave(v):
        a = np.sin(v * x)
        return a * y + a

    def also(f, v):
        u = f(v)
        return u * x + f(u)

    return also(wave, y) + twice(wave, x) * also(lambda v: v * v * y, x) + fixed_point(wave, y)


@program(lambda rng: (0.7, 0.4), argnums=(0, 1), analytic=True)
def helper_recursive_in_a_function(x, y):
    def f(v):
        w = v * x
        return np.sin(w) + y

    return repeated(f, 3, y) * repeated(lambda v: v * y, 2, x)


def doubled(f, n, x):
    return f(x) if n == 0 else doubled(lambda v: f(f(v)), n - 1, x)


@program(lambda rng: (0.7, 0.4), argnums=(0, 1), analytic=True)
def a_function_of_a_function_of_a_function(x, y):
    return doubled(lambda v: v * x + np.sin(v), 2, y)


def solve(step, f, y, n):
    for _ in range(n):
        y = step(f, y, 0.1)
    return y


@program(lambda rng: (rng.standard_normal(3), 0.4), argnums=(0, 1), analytic=True)
def with_a_function_from_outside(x, k):
    def rhs(y):
        z = y * k
        return np.cos(z) - y

    return np.sum(solve(rk4_step, rhs, x, 3)) * np.sum(solve(step=rk4_step, f=rhs, y=x, n=1))


@program(lambda rng: (0.7, 1.4), argnums=(0, 1), analytic=True)
def quadrature(k, b):
    return trapezoid(lambda t: np.exp(-k * t * t), 0.0, b, 5)


@program(vector(4), analytic=True)
def captured_array_changed(x):
    u = x.copy()
    u[0] = x[1] * x[2]

    def energy(a):
        e = u * u
        return np.sum(e * a)

    before = energy(x)
    u[1:] *= x[:-1]
    after = energy(x)
    u = u * x[3]
    return before * after + energy(u)


@program(vector(3), analytic=True)
def changes_a_captured_array(x):
    out = np.zeros(3)

    def add(i, v):
        out[i] += v * v
        out[0] *= x[1]

    for i in range(3):
        add(i, x[i])
    add(0, x[2])
    return np.sum(out * x)


@program(vector(6), analytic=True)
def changes_a_captured_view(x):
    u = x.copy()
    v = u[1:-1]

    def smooth(weight):
        v[:] = weight * v + 0.25 * (u[:-2] + u[2:])

    smooth(0.5)
    smooth(x[0])
    return np.sum(u * u)


@program(vector(3), analytic=True)
def appends_to_a_captured_list(x):
    kept = [x[0]]

    def keep(v):
        kept.append(v * x[1])

    for i in range(3):
        keep(x[i] * kept[-1])
    keep(x[2])
    return sum(kept) * kept[1]


@program(
    lambda rng: (rng.standard_normal(4).astype(np.float32), 1.5),
    rtol=2e-5,
)
def single_precision(x, scale):
    half = np.float32(0.5)

    def step(v):
        w = half * v * scale
        return np.tanh(w)

    for _ in range(3):
        x = step(x)
    return np.sum(x)


class Model:
    def __init__(self, rate):
        self.rate = rate

    def loss(self, x):
        def layer(v, by=2.0):
            w = v * self.rate
            return np.tanh(w) * by

        act = lambda v: v * self.rate + self.shift(v)
        return np.sum(layer(act(x)) + layer(x, by=x))

    def shift(self, v):
        return v * 0.5 * self.rate


MODEL = Model(0.7)


@program(vector(3), analytic=True)
def in_a_method(x):
    return MODEL.loss(x)


def _made(rate):
    def outer(x, n):
        def step(v):
            w = v * rate + x
            return np.sin(w) * SCALE

        y = x
        for _ in range(n):
            y = step(y)
        return y

    return outer


outer_is_a_closure = program(lambda rng: (0.7, 3), name="outer_is_a_closure", analytic=True)(
    _made(0.6)
)


@program(lambda rng: (0.7, 3), analytic=True)
def constant_beside_active(x, n):
    def rate(i):
        a = np.cos(i)
        for _ in range(n):
            a = a * 0.5 + 1.0
        return a

    def count(i):
        return 1 if i == 0 else 2 + count(i - 1)

    y = x
    for i in range(n):
        y = y * rate(i) + count(i)
    while np.abs(y) > rate(1):
        y = y * 0.5
    return y


@program(lambda rng: (0.7, 0.4), argnums=(0, 1), analytic=True)
def called_in_place(x, y):
    return (lambda v, w=y * x: v * v * w)(x * y) + (lambda: x)() * y  # noqa: PLC3002


@program(lambda rng: (0.7, 0.4), argnums=(0, 1), analytic=True)
def stars(x, y):
    def f(*vs, scale=1.0, **more):
        return vs[0] * scale + vs[1] * x * more["k"]

    pair = (y, x)
    return f(*pair, k=y) + f(x, y, scale=y, k=2.0)


@program(vector(4), analytic=True)
def mapped(x):
    item = x[0] * x[1]

    def weighted(v):
        w = v * item
        return w + np.sin(w)

    squares = list(map(lambda v: v * v * item, x))
    return sum(map(weighted, x)) * sum(map(np.cos, [x[1], item])) + squares[0] * squares[3]


# --- `nonlocal` ----------------------------------------------------------------------------------

FACTOR = 2.0


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_by_a_local_function(x):
    s = 1.0
    n = 0

    def add(v):
        nonlocal s, n
        n = n + 1
        if n == 2:
            return s * 2
        s = s * v
        return s

    a = s + add(x[0]) + s * add(x[1])
    b = [add(v) for v in x]
    return a * b[0] + b[2] * s + n


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_at_second_hand(x):
    s = x[0]

    def step(v):
        nonlocal s
        s = s * v
        return s

    def twice(v):
        return step(v) + step(v)

    def around(v):
        def inner():
            nonlocal s, w
            w = w * 2
            s = s + w

        w = v
        inner()
        inner()
        return w

    y = twice(x[1]) + around(x[2]) + sum(map(step, x))
    again = lambda v: step(v) * s
    return y * s + again(x[1])


@program(lambda rng: (rng.uniform(0.5, 1.5, 2),), analytic=True)
def assigned_by_recursion(x):
    s = x[0]

    def rec(n):
        nonlocal s
        if n > 0:
            s = s * x[1]
            rec(n - 1)

    rec(3)
    return s


@program(lambda rng: (rng.uniform(1.0, 1.5, 3),))
def counted_calls(x):
    calls = 0

    def f(v):
        nonlocal calls
        calls += 1
        return v * v

    y = f(x[0]) if f(x[1]) > 0 and f(x[2]) > 0 else f(x[0]) + f(x[1])
    while f(y) < 100:
        y = y * 2
    return y * calls


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def filled_by_a_counter(x):
    buf = np.zeros_like(x)
    i = 0

    def put(v):
        nonlocal i
        buf[i] = v
        i += 1

    for v in x:
        put(v**2)
    return np.sum(buf * x) * i


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def reduced_with_an_account(x):
    s = 0.0
    t = x[1]

    def add(a, v, scale=t):
        nonlocal s, t
        s = s + a * v
        t = t * scale
        return a + v

    y = functools.reduce(add, x)
    return y * s * t


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def declared_and_only_read(x):
    global FACTOR
    k = 3.0

    def g(v):
        nonlocal k
        return v * k * FACTOR

    return np.sum(g(x) * x) * FACTOR


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def lambda_inside_an_assignment_expression(x):
    if (folded := functools.reduce(lambda total, v: 0.5 * total + v, x)) != 0:
        x = x * folded
    return np.sum(x * x)
