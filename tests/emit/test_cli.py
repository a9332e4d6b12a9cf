"""The command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import libcst  # noqa: F401  (what is imported while `sys.modules` is another is not found again)
import numpy as np
import pytest

import srcad
from srcad import cli
from srcad.errors import NoSourceError

PROGRAM = (
    "import numpy as np\nfrom beside import two\n\n\n"
    "def loss(x):\n    def slope(y):\n        return two * y\n\n    return np.sum(slope(x))\n"
)


class Fake:
    """A derivative that only tells what it was asked for."""

    def __init__(self, asked: dict[str, object]) -> None:
        self.asked = asked
        self.source = "def loss_grad(x):\n    pass\n"

    def source_for(self, *args: object, **kwargs: object) -> str:
        self.asked["args"], self.asked["kwargs"] = args, kwargs
        return "# for these arguments\n" + self.source


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "beside.py").write_text("two = 2\n")
    path = tmp_path / "shown_program.py"
    path.write_text(PROGRAM)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    seen: dict[str, object] = {}

    def derivative_of(fun: object, **options: object) -> Fake:
        seen.update(options, fun=getattr(fun, "__name__", None))
        return Fake(seen)

    monkeypatch.setattr("srcad.api.derivative_of", derivative_of)
    return seen


def test_show(program: Path, asked: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["show", f"{program}:loss"]) == 0
    assert asked == {"fun": "loss", "mode": "reverse", "argnums": 0}
    assert capsys.readouterr() == ("def loss_grad(x):\n    pass\n", "")


def test_options(
    program: Path, asked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["show", f"{program}:loss", "--mode", "forward", "--argnums", "0,y"]
    assert cli.main([*command, "--example", "np.ones(two)", "-1.5"]) == 0
    assert asked["mode"] == "forward"
    assert asked["argnums"] == (0, "y")
    array, number = asked["args"]  # type: ignore[misc] - a pair was given
    assert np.array_equal(array, np.ones(2))
    assert number == -1.5
    assert capsys.readouterr().out.startswith("# for these arguments\n")


def test_examples_one_by_one_and_by_name(
    program: Path, asked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["show", f"{program}:loss", "--example", "1.5", "--example", "two == 2"]
    assert cli.main([*command, "--example", "scale = [two]"]) == 0
    assert asked["args"] == (1.5, True)
    assert asked["kwargs"] == {"scale": [2]}
    capsys.readouterr()


def test_a_file_that_exits(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.write_text("raise SystemExit(3)\n")
    assert cli.main(["show", f"{program}:loss"]) == 2
    assert capsys.readouterr().err == f"srcad: {program} exits when it is run, with 3\n"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{}:los", "srcad: {} has no function 'los'; did you mean 'loss'?"),
        ("{}:two", "srcad: 'two' in {} is no function"),
        ("{}.txt:loss", "srcad: there is no file {}.txt"),
        (
            "{}:loss.slope",
            "srcad: 'slope' is defined inside 'loss', and is there only while that runs;"
            " show 'loss', or define it outside",
        ),
        ("loss", "srcad: 'loss' is not of the form FILE.py:FUNCTION"),
    ],
)
def test_what_is_not_there(
    program: Path, capsys: pytest.CaptureFixture[str], target: str, message: str
) -> None:
    assert cli.main(["show", target.format(program)]) == 2
    assert capsys.readouterr() == ("", message.format(program) + "\n")


def test_a_file_that_does_not_run(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.write_text("1 / 0\n")
    assert cli.main(["show", f"{program}:loss"]) == 2
    expected = f"srcad: {program} cannot be run: ZeroDivisionError: division by zero (line 1)\n"
    assert capsys.readouterr().err == expected


def test_a_wrong_example(
    program: Path, asked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", f"{program}:loss", "--example", "nothing"]) == 2
    expected = "srcad: --example 'nothing': NameError: name 'nothing' is not defined\n"
    assert capsys.readouterr().err == expected


def test_a_refusal(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(fun: object, **options: object) -> Fake:
        raise NoSourceError("no source", instead="a file")

    monkeypatch.setattr("srcad.api.derivative_of", refuse)
    assert cli.main(["show", f"{program}:loss"]) == 2
    assert capsys.readouterr() == ("", "srcad: no source\nInstead: a file\n")


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["show", "f.py:f", "--argnums", "0,,1"])
    assert caught.value.code == 2
    assert "'0,,1' is no list of positions or names" in capsys.readouterr().err


def test_a_file_of_a_package(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = program.parent / "shown_package"
    package.mkdir()
    (package / "__init__.py").write_text("SCALE = 3.0\n")
    (package / "part.py").write_text(
        "from . import SCALE\n\n\ndef loss(x):\n    return SCALE * x\n"
    )
    assert cli.main(["show", f"{package / 'part.py'}:loss", "--example", "2.0"]) == 0
    assert "SCALE" in capsys.readouterr().out


def test_types_are_told_by_examples(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.write_text("def loss(model, x):\n    return model.scale * x\n")
    assert cli.main(["show", f"{program}:loss", "--argnums", "1"]) == 2
    told = 'before any call no types are known: `--example "np.ones(3)" ...` tells them\n'
    assert capsys.readouterr().err.endswith(told)
    program.write_text("def loss(x):\n    try:\n        return x\n    finally:\n        pass\n")
    assert cli.main(["show", f"{program}:loss"]) == 2
    assert "no types are known" not in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"srcad {srcad.__version__}\n"


def test_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "srcad", "show", str(tmp_path / "none.py:f")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"srcad: there is no file {tmp_path / 'none.py'}\n"
