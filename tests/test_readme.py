"""The README's first example prints what the README says, and its two commands are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
ROOT = README.parent


def blocks(language: str, page: Path = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def run(program: str, folder: Path) -> str:
    """What ``program`` prints: in a file, because srcad reads functions from files."""
    path = folder / "program.py"
    path.write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_first_block_prints_the_second(tmp_path: Path) -> None:
    program, printed = blocks("python")[0], blocks("text")[0]
    assert len([line for line in program.splitlines() if line]) <= 8
    assert run(program, tmp_path).strip() == printed.strip()


def test_guide_runs(tmp_path: Path) -> None:
    program = blocks("python", ROOT / "docs" / "index.md")
    assert len(program) > 10
    run("\n".join(program), tmp_path)


def test_rules_on_their_page_run(tmp_path: Path) -> None:
    program = blocks("python", ROOT / "docs" / "add-a-rule.md")
    assert len(program) == 3
    run("\n".join(program), tmp_path)


def test_every_block_is_run() -> None:
    pages = {page.name for page in (ROOT / "docs").rglob("*.md") if blocks("python", page)}
    assert pages == {"index.md", "add-a-rule.md"}


def test_the_two_commands() -> None:
    commands = "".join(blocks("sh")).splitlines()
    assert 'pip install -e ".[examples]" && python examples/digits.py' in commands
    assert 'pip install -e ".[test]" && pytest' in commands


def test_links_to_files_lead_somewhere() -> None:
    pages = [README, *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"
