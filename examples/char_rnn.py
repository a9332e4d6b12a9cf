"""Teach a recurrent network to write like Python's manual, by backpropagation through time.

    python examples/char_rnn.py [--quick]

The text is `pydoc_data.topics`, which comes with Python. Training needs the gradient by the
weights. A second gradient, by zeros added to each hidden state, shows how far back in time the last
prediction's error reaches.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from pydoc_data.topics import topics

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices this small are slower on several

import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from srcad import grad, stop_gradient, value_and_grad

PICTURE = Path(__file__).parent / "output" / "char_rnn.png"
STEPS, BATCH, HIDDEN = 40, 32, 128


# --- the model -----------------------------------------------------------------------------------


def cross_entropy(logits, targets):
    z = logits - stop_gradient(logits.max(axis=1, keepdims=True))  # exp cannot overflow
    log_norm = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_norm - np.sum(targets * z, axis=1))


def loss(params, xs, targets):
    Wx, Wh, b, Wy, c = params
    h = np.zeros((xs.shape[1], Wh.shape[0]))
    total = 0.0
    for x, target in zip(xs, targets):
        h = np.tanh(x @ Wx + h @ Wh + b)  # one time step
        total += cross_entropy(h @ Wy + c, target)
    return total / len(xs)


def last_loss(nudges, params, xs, target):
    """The loss of the last prediction alone; `nudges[t]` is added to the hidden state at step t."""
    Wx, Wh, b, Wy, c = params
    h = np.zeros((xs.shape[1], Wh.shape[0]))
    for x, nudge in zip(xs, nudges):
        h = np.tanh(x @ Wx + h @ Wh + b) + nudge
    return cross_entropy(h @ Wy + c, target)


loss_and_grad = value_and_grad(loss)
grad_by_nudges = grad(last_loss)


# --- training ------------------------------------------------------------------------------------


def initial(vocabulary, rng):
    """`[Wx, Wh, b, Wy, c]`: input, recurrent and output weights with their biases."""
    return [
        rng.normal(0, 0.1, (vocabulary, HIDDEN)),
        np.linalg.qr(rng.normal(size=(HIDDEN, HIDDEN)))[0],  # orthogonal: keeps lengths
        np.zeros(HIDDEN),
        rng.normal(0, HIDDEN**-0.5, (HIDDEN, vocabulary)),
        np.zeros(vocabulary),
    ]


def batch_of(text, one_hot, rng):
    """One-hot inputs and targets, (steps, batch, vocabulary): each target is the next input."""
    starts = rng.integers(len(text) - STEPS - 1, size=BATCH)
    codes = text[starts + np.arange(STEPS + 1)[:, None]]
    return one_hot[codes[:-1]], one_hot[codes[1:]]


def train(params, text, one_hot, steps, rng, after_step, rate=0.003):
    """Adam, with gradients cut to norm 1 and the rate falling to zero."""
    m = [np.zeros_like(p) for p in params]
    v = [np.zeros_like(p) for p in params]
    for step in range(1, steps + 1):
        value, grads = loss_and_grad(params, *batch_of(text, one_hot, rng))
        now = rate * (1 - step / (steps + 1))
        norm = np.sqrt(sum(np.sum(g * g) for g in grads))
        for i, g in enumerate(grads):
            cut = g / max(norm, 1.0)
            m[i] += 0.1 * (cut - m[i])
            v[i] += 0.001 * (cut * cut - v[i])
            scale = np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8
            params[i] = params[i] - now * m[i] / (1 - 0.9**step) / scale
        after_step(value)
    return params


def gradient_norms(params, text, one_hot, rng):
    """The norm of d(last loss)/d(hidden state) at each time step."""
    xs, targets = batch_of(text, one_hot, rng)
    nudges = np.zeros((STEPS, BATCH, HIDDEN))
    return np.linalg.norm(grad_by_nudges(nudges, params, xs, targets[-1]), axis=(1, 2))


def sample(params, letters, length, rng, temperature=0.6):
    """`length` characters drawn one by one from the network's own predictions."""
    Wx, Wh, b, Wy, c = params
    h, code, written = np.zeros(HIDDEN), letters.index("\n"), []
    for _ in range(length):
        h = np.tanh(Wx[code] + h @ Wh + b)
        logits = (h @ Wy + c) / temperature
        p = np.exp(logits - logits.max())
        code = rng.choice(len(letters), p=p / p.sum())
        written.append(letters[code])
    return "".join(written)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    steps = 20 if parser.parse_args().quick else 1200

    rng = np.random.default_rng(0)
    manual = "\n".join(topics[name] for name in sorted(topics))
    letters = sorted(set(manual))
    number = {letter: i for i, letter in enumerate(letters)}
    text = np.array([number[letter] for letter in manual])
    one_hot = np.eye(len(letters))
    print(f"{len(manual)} characters, {len(letters)} different ones")

    params = initial(len(letters), rng)
    before = gradient_norms(params, text, one_hot, rng)
    losses = []
    with tqdm(total=steps, desc="training", unit="step") as bar:

        def after_step(value):
            losses.append(value)
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            bar.update()

        params = train(params, text, one_hot, steps, rng, after_step)
    after = gradient_norms(params, text, one_hot, rng)

    print(f"loss: {losses[0]:.3f} -> {np.mean(losses[-50:]):.3f} nats per character")
    print(f"\nsampled text:\n{sample(params, letters, 400, rng)}\n")
    plot(losses, before, after)


def plot(losses, before, after):
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    left.plot(losses, linewidth=0.7)
    left.set(title="training loss", xlabel="step", ylabel="nats per character")
    back = np.arange(STEPS)[::-1]
    right.semilogy(back, before, label="before training")
    right.semilogy(back, after, label="after training")
    right.set(title="how far an error reaches back", xlabel="steps before the last")
    right.set_ylabel(r"$\|\partial\,\mathrm{loss}_T / \partial h_t\|$")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    PICTURE.parent.mkdir(exist_ok=True)
    fig.savefig(PICTURE, dpi=150)
    print(f"picture: {PICTURE}")


if __name__ == "__main__":
    main()
