"""Every example runs in its `--quick` form, prints what it promises and leaves a picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PROMISES = {
    "digits": ["def ", "worst relative error", "test accuracy"],
    "char_rnn": ["nats per character", "sampled text"],
    "finite_differences": ["def ", "five-point", "srcad"],
    "scipy_fit": ["reproduction number", "root mean square misfit"],
}


def test_every_example_is_listed() -> None:
    assert {p.stem for p in (ROOT / "examples").glob("*.py")} == set(PROMISES)


def run(name: str) -> str:
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    picture = ROOT / "examples" / "output" / f"{name}.png"
    picture.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / f"{name}.py"), "--quick"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"picture: {picture}" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    return done.stdout


@pytest.mark.parametrize("name", PROMISES)
def test_example_runs(name: str) -> None:
    printed = run(name)
    for promise in PROMISES[name]:
        assert promise in printed
    match name:
        case "digits":
            (error,) = re.findall(r"five-point differences: (\S+)", printed)
            assert float(error) < 1e-7
            (accuracy,) = re.findall(r"test accuracy: ([\d.]+)%", printed)
            assert float(accuracy) > 85  # three epochs instead of sixty
        case "finite_differences":
            (error,) = re.findall(r"^srcad\s+-\s+(\S+)$", printed, re.MULTILINE)
            assert float(error) < 1e-15
        case "char_rnn":
            before, after = re.findall(r"loss: ([\d.]+) -> ([\d.]+)", printed)[0]
            assert float(after) < float(before)
        case "scipy_fit":
            (misfit,) = re.findall(r"root mean square misfit = ([\d.]+)", printed)
            assert float(misfit) < 20
