# tests/book/test_how_to_read.py: generated from book/foundations/how-to-read.md; edit the chapter. sha256:7bf93e00f8c34378
"""The transcripts on the page How to read this book, on a copy of the book."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book/foundations/how-to-read.md").read_text()
VPG = "book/algorithms/vpg.md"
SHARE = "Annotated[float, between(0, 1)]"  # what a share's annotation says
PARTS = ("_config.yml", "conftest.py", "pyproject.toml", "book", "tangle", "tests/book")


@pytest.fixture
def copy(tmp_path):
    """A copy of the book, its program and its tests."""
    for part in (*PARTS, "spinup_lit"):
        source, target = ROOT / part, tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_one = shutil.copytree if source.is_dir() else shutil.copy
        copy_one(source, target)
    return tmp_path


def edit(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def said(copy, *arguments, **options):
    """What a command says, in the copy."""
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    return process.stdout


def test_a_changed_default(copy):
    edit(copy / VPG, "gamma: float = 0.99", "gamma: float = 0.98")
    assert f"python -m tangle\n{said(copy, '-m', 'tangle')}$ git diff" in PAGE


def test_an_entropy_bonus(copy):
    bonus = "    (loss - 0.01 * dist.entropy().mean()).backward()\n"
    where = "    optimizer.zero_grad()\n{}    mpi.avg_grads(pi.parameters())\n"
    edit(copy / VPG, where.format("    loss.backward()\n"), where.format(bonus))
    assert f"test_vpg.py\n{said(copy, '-m', 'tangle')}…" in PAGE
    test = "tests/book/test_vpg.py::test_a_policy_step_follows_the_estimate"
    report = said(copy, "-m", "pytest", "-q", test).splitlines()
    (line,) = [line for line in report if line.startswith(f"{VPG}:")]
    assert f"…\n{line}\nFAILED {test}\n" in PAGE


def test_a_misspelt_chunk(copy):
    edit(copy / VPG, "\n<<policy-loss>>\n", "\n<<polcy-loss>>\n")
    assert f"$ make tangle\n{said(copy, '-m', 'tangle')}```" in PAGE


def test_an_edited_file_and_a_patch(copy):
    edit(copy / "spinup_lit/vpg.py", f"gamma: {SHARE} = 0.99", f"gamma: {SHARE} = 0.98")
    first = said(copy, "-m", "tangle").splitlines()[0]
    patch = said(copy, "-m", "tangle", "patch")
    assert f"$ make tangle\n{first}\n…\n$ python -m tangle patch\n{patch}```" in PAGE


def test_a_file_with_a_variant(copy):
    command = "tangle variant spinup_lit/vpg.py advantages:truncation-as-death"
    assert f"$ python -m {command} > my_vpg.py\n" in PAGE
    printed = said(copy, "-m", *command.split())
    assert "next_val * ~(terminated | truncated)" in printed


def test_a_mapped_traceback(copy):
    wrong = said(copy, "-c", "from spinup_lit import vpg; vpg.normalise(None)")
    mapped = said(copy, "-m", "tangle", "map", input=wrong)
    assert f"| python -m tangle map\n{mapped}```" in PAGE
