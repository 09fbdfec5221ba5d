# tests/book/test_from_spinning_up.py: generated from book/practice/from-spinning-up.md; edit the chapter. sha256:fef77cff4e993c1d
"""The commands that the page on Spinning Up shows are commands."""

import re
import shlex
from pathlib import Path

import pytest

import spinup_lit
from spinup_lit import run
from spinup_lit.experiments import commands

PAGE = Path(spinup_lit.__file__).parents[1] / "book/practice/from-spinning-up.md"
SPANS = re.findall(r"(?<![}`])`([^`\n]+)`", PAGE.read_text())
WORDS = [span.split(" ", 1) for span in SPANS]
LINES = sorted({(x[0], x[1]) for x in WORDS if len(x) > 1 and x[0] in run.algorithms()})


def test_the_page_has_commands():
    assert len(LINES) >= 25


@pytest.mark.parametrize(("algorithm", "line"), LINES)
def test_each_command_of_the_page_is_understood(algorithm, line, capsys):
    words = shlex.split(line)
    if words == ["--help"]:
        with pytest.raises(SystemExit):
            commands.train(algorithm, words)
        assert "--hidden_sizes" in capsys.readouterr().out
        return
    typed = {option.partition("[")[0] for option in words if option[:2] == "--"}
    assert len(commands.read(algorithm, words).named) == len(typed)
