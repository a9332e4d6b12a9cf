"""The array workloads in autograd, JAX (jit, float64) and PyTorch (CPU), idiomatically."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from types import FunctionType

from benchmarks.workload import Args, Workload

__all__ = ["PEERS", "available", "gradient_by"]

Run = Callable[[], tuple[object, ...]]


def with_autograd(workload: Workload, args: Args) -> Run:
    """The very same source, with autograd's ``numpy`` in place of NumPy."""
    import autograd
    import autograd.numpy as anp
    from autograd.tracer import getval

    f = workload.primal
    names = {**f.__globals__, "np": anp, "stop_gradient": getval}
    gradient = autograd.grad(FunctionType(f.__code__, names), workload.argnums)
    return lambda: gradient(*args)


def with_jax(workload: Workload, args: Args) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    from benchmarks import peers_jax

    f = getattr(peers_jax, workload.primal.__name__)
    gradient = jax.jit(jax.grad(f, workload.argnums))
    arrays = [jax.numpy.asarray(a) for a in args]
    return lambda: jax.block_until_ready(gradient(*arrays))


def with_torch(workload: Workload, args: Args) -> Run:
    import torch

    from benchmarks import peers_torch

    torch.set_num_threads(1)
    f = getattr(peers_torch, workload.primal.__name__)
    tensors = [torch.tensor(a, dtype=torch.float64) for a in args]
    wrt = [tensors[i].requires_grad_() for i in workload.argnums]
    return lambda: torch.autograd.grad(f(*tensors), wrt)


PEERS: dict[str, Callable[[Workload, Args], Run]] = {
    "autograd": with_autograd,
    "jax": with_jax,
    "torch": with_torch,
}


def available(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def gradient_by(name: str, workload: Workload, args: Args) -> Run | None:
    """A callable that computes the gradients with library ``name``; ``None`` where it is absent."""
    return PEERS[name](workload, args) if available(name) else None
