# tests/book/test_transcripts.py: generated from book/appendix/how-this-book-is-made.md; edit the chapter. sha256:fe9b817b9c470f60
"""Transcripts in the book, compared with what the commands say on a copy of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("start/how-to-read", "appendix/how-this-book-is-made")
SHOWN = "".join((ROOT / f"book/{page}.md").read_text() for page in PAGES)
VPG = "book/onpolicy/vpg.md"
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


def without_numbers(text):
    """A text in which line numbers and counts of files are all the same."""
    return re.sub(r"(?<=:)\d+|(?<=line )\d+|\d+(?= files| unchanged)", "1", text)


def assert_shown(frame, output):
    """That a page shows an output in these surroundings, up to such numbers."""
    assert without_numbers(frame.format(output)) in without_numbers(SHOWN)


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
    edit(copy / VPG, f"gamma: {SHARE} = 0.99", f"gamma: {SHARE} = 0.98")
    assert_shown("python -m tangle\n{}$ pytest", said(copy, "-m", "tangle"))


@pytest.mark.long
def test_an_entropy_bonus(copy):
    bonus = "    (loss - 0.01 * dist.entropy().mean()).backward()\n"
    where = "    optimizer.zero_grad()\n{}    mpi.avg_grads(pi.parameters())\n"
    edit(copy / VPG, where.format("    loss.backward()\n"), where.format(bonus))
    *warnings, summary = said(copy, "-m", "tangle").splitlines()
    assert_shown("test_vpg.py\n{}\n…", warnings[0])
    assert all(": warning: the old lines must" in line for line in warnings)
    assert_shown("…\n{}\n…\nbook/onpolicy", summary)
    test = "tests/book/test_vpg.py::test_a_policy_step_follows_the_estimate"
    report = said(copy, "-m", "pytest", "-q", test).splitlines()
    (line,) = [line for line in report if line.startswith(f"{VPG}:")]
    assert_shown("…\n{}\nFAILED", line)
    assert f"FAILED {test}\n" in SHOWN


def test_a_misspelt_chunk(copy):
    edit(copy / VPG, "\n<<policy-loss>>\n", "\n<<polcy-loss>>\n")
    assert_shown("$ make tangle\n{}```", said(copy, "-m", "tangle"))


@pytest.mark.long
def test_an_edited_file_and_a_patch(copy):
    edit(copy / "spinup_lit/vpg.py", f"gamma: {SHARE} = 0.99", f"gamma: {SHARE} = 0.98")
    first = said(copy, "-m", "tangle").splitlines()[0]
    patch = said(copy, "-m", "tangle", "patch")
    assert_shown("$ make tangle\n{}\n…", first)
    assert_shown("…\n$ python -m tangle patch\n{}```", patch)


def test_a_file_with_a_variant(copy):
    command = "tangle variant spinup_lit/vpg.py advantages:truncation-as-death"
    assert f"$ python -m {command} > my_vpg.py\n" in SHOWN
    printed = said(copy, "-m", *command.split())
    assert "next_val * ~(terminated | truncated)" in printed


@pytest.mark.long
def test_a_mapped_traceback(copy):
    wrong = said(copy, "-c", "from spinup_lit import vpg; vpg.normalise(None)")
    mapped = said(copy, "-m", "tangle", "map", input=wrong)
    assert_shown("| python -m tangle map\n{}```", mapped)
