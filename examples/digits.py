"""Train a three-layer network on scikit-learn's handwritten digits, in plain NumPy.

    python examples/digits.py [--quick]

The network and its loss are ordinary NumPy functions. srcad writes the backward pass; this script
prints it, checks it against finite differences, and trains with it.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from srcad import stop_gradient, value_and_grad

PICTURE = Path(__file__).parent / "output" / "digits.png"
SIZES = (64, 128, 64, 10)
BATCH = 64


# --- the model -----------------------------------------------------------------------------------


def network(params, x):
    W1, b1, W2, b2, W3, b3 = params
    h = np.tanh(x @ W1 + b1)
    h = np.tanh(h @ W2 + b2)
    return h @ W3 + b3


def cross_entropy(logits, targets):
    z = logits - stop_gradient(logits.max(axis=1, keepdims=True))  # exp cannot overflow
    log_norm = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_norm - np.sum(targets * z, axis=1))


def loss(params, x, targets):
    return cross_entropy(network(params, x), targets)


loss_and_grad = value_and_grad(loss)


# --- training ------------------------------------------------------------------------------------


def initial(rng):
    """Weights with variance 1/n for n inputs, and zero biases: `[W1, b1, W2, b2, W3, b3]`."""
    params = []
    for n, m in pairwise(SIZES):
        params += [rng.normal(0, n**-0.5, (n, m)), np.zeros(m)]
    return params


def train(params, x, targets, epochs, rng, after_epoch, rate=0.002):
    """Adam on shuffled batches; `after_epoch` is called with the parameters and the mean loss."""
    m = [np.zeros_like(p) for p in params]
    v = [np.zeros_like(p) for p in params]
    step = 0
    for _ in range(epochs):
        losses = []
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            value, grads = loss_and_grad(params, x[batch], targets[batch])
            losses.append(value)
            step += 1
            for i, g in enumerate(grads):
                m[i] += 0.1 * (g - m[i])
                v[i] += 0.001 * (g * g - v[i])
                scale = np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8
                params[i] = params[i] - rate * m[i] / (1 - 0.9**step) / scale
        after_epoch(params, np.mean(losses))
    return params


def accuracy(params, x, labels):
    return np.mean(network(params, x).argmax(axis=1) == labels)


def worst_relative_error(params, x, targets, rng, h=1e-3):
    """The gradient against five-point differences, along a random direction of each parameter."""
    _, grads = loss_and_grad(params, x, targets)
    worst = 0.0
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        v = rng.normal(size=p.shape)
        v /= np.linalg.norm(v)

        def along(t, i=i, p=p, v=v):
            return loss([*params[:i], p + t * v, *params[i + 1 :]], x, targets)

        difference = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
        worst = max(worst, abs(np.sum(g * v) - difference) / abs(difference))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    epochs = 3 if parser.parse_args().quick else 60

    rng = np.random.default_rng(0)
    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        digits.data / 16, digits.target, test_size=0.25, random_state=0, stratify=digits.target
    )
    targets = np.eye(10)[y_train]
    params = initial(rng)

    error = worst_relative_error(params, x_train[:BATCH], targets[:BATCH], rng)
    print("The generated gradient:\n")
    print(loss_and_grad.source)
    print(f"worst relative error against five-point differences: {error:.1e}\n")

    losses, accuracies = [], []
    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def after_epoch(params, value):
            losses.append(value)
            accuracies.append(accuracy(params, x_test, y_test))
            bar.set_postfix(loss=f"{value:.4f}", accuracy=f"{accuracies[-1]:.1%}")
            bar.update()

        params = train(params, x_train, targets, epochs, rng, after_epoch)

    print(f"test accuracy: {accuracies[-1]:.2%}")
    plot(losses, accuracies)


def plot(losses, accuracies):
    epochs = np.arange(1, len(losses) + 1)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    left.semilogy(epochs, losses)
    left.set(title="training loss", xlabel="epoch", ylabel="cross-entropy")
    right.plot(epochs, 100 * np.array(accuracies), color="tab:green")
    right.set(title="test accuracy", xlabel="epoch", ylabel="%")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    PICTURE.parent.mkdir(exist_ok=True)
    fig.savefig(PICTURE, dpi=150)
    print(f"picture: {PICTURE}")


if __name__ == "__main__":
    main()
