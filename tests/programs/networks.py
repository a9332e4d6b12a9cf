"""Networks by hand: heads of attention, layers as objects, labels without an alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tests.programs.registry import program


@dataclass(frozen=True)
class Shape:
    heads: int = 2
    causal: bool = True
    eps: float = 1e-5


def transformer(rng):
    def layer():
        sizes = {"qkv": (4, 12), "proj": (4, 4), "fc": (4, 6), "fc2": (6, 4)}
        made = {k: 0.3 * rng.normal(size=s) for k, s in sizes.items()}
        return {**made, "g1": np.ones(4), "g2": np.ones(4)}

    return {"words": rng.normal(size=(5, 4)), "layers": [layer(), layer()]}


def rms_norm(x, g, eps):
    return g * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)


def attention(x, layer, shape):
    n, d = x.shape
    q, k, v = np.split(x @ layer["qkv"], 3, axis=-1)

    def by_head(z):
        return z.reshape(n, shape.heads, -1).transpose(1, 0, 2)

    q, k, v = by_head(q), by_head(k), by_head(v)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d // shape.heads)
    if shape.causal:
        scores = np.where(np.tril(np.ones((n, n), dtype=bool)), scores, -1e9)
    scores -= scores.max(-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(-1, keepdims=True)
    return (weights @ v).transpose(1, 0, 2).reshape(n, d) @ layer["proj"]


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


@program(lambda rng: (transformer(rng), np.array([0, 3, 1, 4, 2])), rtol=1e-8)
def loss_of_a_transformer(params, tokens):
    shape = Shape()
    x = params["words"][tokens[:-1]]
    for layer in params["layers"]:
        x = x + attention(rms_norm(x, layer["g1"], shape.eps), layer, shape)
        x = x + gelu(rms_norm(x, layer["g2"], shape.eps) @ layer["fc"]) @ layer["fc2"]
    logits = x @ params["words"].T
    logits -= logits.max(axis=-1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -np.mean(log_p[np.arange(len(tokens) - 1), tokens[1:]])


class Dense:
    def __init__(self, name: str, act: str = "tanh") -> None:
        self.name, self.act = name, act

    def __call__(self, p: Any, x: Any) -> Any:
        z = x @ p[f"{self.name}.W"] + p[f"{self.name}.b"]
        acts = {"tanh": np.tanh, "leaky": lambda v: np.where(v > 0, v, 0.1 * v), "id": lambda v: v}
        return acts[self.act](z)


class Normed:
    eps: ClassVar[float] = 1e-5

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, p: Any, x: Any) -> Any:
        mean, spread = x.mean(-1, keepdims=True), x.std(-1, keepdims=True)
        return p[self.name + ".g"] * (x - mean) / (spread + self.eps)


class Chain:
    def __init__(self, *layers: Any) -> None:
        self.layers = layers

    def __call__(self, p: Any, x: Any) -> Any:
        for layer in self.layers:
            x = layer(p, x)
        return x


NET = Chain(Dense("a"), Normed("n"), Dense("b", act="leaky"), Dense("c", act="id"))


def weights_of_the_net(rng):
    shapes = {"a.W": (3, 4), "a.b": 4, "n.g": 4, "b.W": (4, 3), "b.b": 3, "c.W": (3, 1), "c.b": 1}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@program(lambda rng: (weights_of_the_net(rng), rng.normal(size=(4, 3))), argnums=(0, 1))
def layers_as_objects(p, x):
    off = NET(p, x)[:, 0] - np.arange(4) / 4
    return np.mean(off**2) + 1e-3 * sum(np.sum(v**2) for k, v in p.items() if k.endswith("W"))


@program(lambda rng: (rng.normal(size=(5, 4)),))
def labels_without_an_alignment(logits):
    """The sum over all paths, by its logarithm."""
    labels = [1, 2, 1]
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    states = [0]
    for label in labels:
        states += [label, 0]
    n = len(states)
    alpha = np.full(n, -1e3)
    alpha[0], alpha[1] = log_p[0, 0], log_p[0, states[1]]
    for t in range(1, len(logits)):
        new = np.full(n, -1e3)
        for s in range(n):
            paths = alpha[s]
            if s > 0:
                paths = np.logaddexp(paths, alpha[s - 1])
            if s > 1 and states[s] != 0 and states[s] != states[s - 2]:
                paths = np.logaddexp(paths, alpha[s - 2])
            new[s] = paths + log_p[t, states[s]]
        alpha = new
    return -np.logaddexp(alpha[-1], alpha[-2])


ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0.1 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "linear": lambda z: z,
    "tanh": np.tanh,
}


@program(
    lambda rng: ([(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(3)], np.eye(2, 3)),
    argnums=(0, 1),
)
def activations_by_their_names(params, x, last="linear"):
    """Which function is called is decided by what a loop runs over, or by the place in it."""
    y = x
    for (w, b), name in zip(params, ["tanh", "sigmoid", "relu"], strict=True):
        y = ACTIVATIONS[name](y @ w + b)
    for i, (w, _) in enumerate(params):
        f = ACTIVATIONS["tanh" if i < len(params) - 1 else last]
        y = y + f(x @ w)
    return np.sum(y**2)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def many_heads(x, w, b, heads):
    parts = np.split(x @ w + b, 3, axis=-1)
    split = list(map(lambda part: np.split(part, heads, axis=-1), parts))
    mask = (1 - np.tri(x.shape[0], dtype=x.dtype)) * -1e10
    return np.hstack(
        [softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v for q, k, v in zip(*split)]
    )


@program(
    lambda rng: (
        rng.normal(size=(3, 4)),
        {"w": rng.normal(size=(4, 12)), "b": rng.normal(size=12)},
    ),
    argnums=(0, 1),
)
def heads_in_lists(x, layer, heads=2):
    """How many heads there are is known when it runs; that the rows are three the loop says."""
    return np.mean((x + many_heads(x, layer["w"], layer["b"], heads)) ** 2)


@program(lambda rng: (rng.normal(size=(3, 3, 3)), rng.normal(size=3)), argnums=(0, 1))
def attention_to_all_tokens_so_far(layers, x, steps=4):
    keys, values = np.zeros((steps, len(x))), np.zeros((steps, len(x)))
    out = np.zeros(steps)
    for t in range(steps):
        keys[t] = layers[0] @ x
        values[t] = layers[1] @ x
        scores = keys[: t + 1] @ (layers[2] @ x)
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        x = np.tanh(x + weights @ values[: t + 1])
        out[t] = x[0]
    return out @ out
