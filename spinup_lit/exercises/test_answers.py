# spinup_lit/exercises/test_answers.py: generated from book/practice/exercises.md; edit the chapter. sha256:cc81a08a7a6ba96f
"""Plain tests of the answers in the folder that the variable ANSWERS names."""

import os
from pathlib import Path

import pytest

from spinup_lit.exercises import catalogue
from spinup_lit.exercises.__main__ import report
from spinup_lit.exercises.apart import check

FOLDER = Path(os.environ.get("ANSWERS", "exercises"))
GIVEN = [
    x
    for x in catalogue.names()
    if (FOLDER / f"{catalogue.module_name(x)}.py").is_file()
]


@pytest.mark.parametrize("name", GIVEN)
def test_answer(name: str) -> None:
    """The answer passes all checks."""
    entry = catalogue.load(name)
    verdict = check(entry, FOLDER / entry.file)
    if not verdict.right:
        pytest.fail(report(entry, verdict), pytrace=False)
