"""`array_workloads` in PyTorch."""

from __future__ import annotations

import math

import torch

__all__ = ["attention", "log_sum_exp", "log_sum_exp_of_rows", "logistic", "mlp", "rnn"]


def mlp(W1, b1, W2, b2, W3, b3, x, targets):
    h = torch.tanh(torch.addmm(b1, x, W1))
    h = torch.tanh(torch.addmm(b2, h, W2))
    logits = torch.addmm(b3, h, W3)
    return -torch.mean(torch.sum(targets * torch.log_softmax(logits, dim=1), dim=1))


def rnn(W, U, b, xs, target):
    h = torch.zeros(xs.shape[1], U.shape[0], dtype=xs.dtype)
    for x in xs:
        h = torch.tanh(x @ W + h @ U + b)
    return torch.mean((h - target) ** 2)


def logistic(w, b, X, y):
    margin = y * (X @ w + b)
    return torch.mean(torch.nn.functional.softplus(-margin)) + 0.5e-3 * torch.sum(w * w)


def attention(Q, K, V, target):
    weights = torch.softmax(Q @ K.T / math.sqrt(Q.shape[1]), dim=1)
    return torch.mean((weights @ V - target) ** 2)


def log_sum_exp(x):
    return torch.logsumexp(x, dim=0)


def log_sum_exp_of_rows(x):
    return torch.sum(torch.logsumexp(x, dim=1))
