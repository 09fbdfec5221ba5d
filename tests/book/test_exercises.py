# tests/book/test_exercises.py: generated from book/practice/exercises.md; edit the chapter. sha256:49157d89cd143806
"""The grader is right, and keeps calm; each exercise is complete."""

import inspect
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from spinup_lit.exercises import answers, apart, catalogue, ladder, relation, verify
from spinup_lit.exercises.__main__ import main, report
from spinup_lit.exercises.form import RUNGS, Book, Mistake, Right, Variants

BOOK = Path(__file__).parents[2] / "book"


SHORT = tuple(rung for rung in RUNGS if rung != "in_place")


def timed(name):
    """The name; if tangle must make each answer, it belongs to the long tests."""
    changes = catalogue.load(name).exercise.kind == "change"
    return pytest.param(name, marks=[pytest.mark.long] if changes else [])


@pytest.mark.parametrize("name", [*map(timed, catalogue.names())])
def test_known_answers_are_judged_as_declared(name):
    rows = [*verify.examine(catalogue.load(name), SHORT)]
    assert [f"{row.known}: {row.fault}" for row in rows if row.fault] == []


@pytest.mark.long
@pytest.mark.parametrize("name", catalogue.names())
def test_known_answers_are_judged_as_declared_in_their_place(name):
    entry = catalogue.load(name)
    if hasattr(entry.checks, "in_place"):
        judged = [
            x for x in entry.known if getattr(x, "rung", "in_place") == "in_place"
        ]
        rows = [verify.judge(entry, known, tuple(RUNGS)) for known in judged]
        assert [f"{row.known}: {row.fault}" for row in rows if row.fault] == []


@pytest.mark.long
def test_the_table_of_the_chapter_is_that_of_these_exercises():
    rows = json.loads((BOOK / "results/exercises/judged.json").read_text())
    entries = catalogue.entries()
    known = {(x.name, ladder.title(known)) for x in entries for known in x.known}
    assert {(row["exercise"], row["known"]) for row in rows} == known
    assert not [row for row in rows if verify.Row(**row).fault]


@pytest.mark.parametrize("name", catalogue.names())
def test_an_exercise_is_complete(name):
    entry = catalogue.load(name)
    code = any(inspect.isfunction(x) for x in ladder.wanted(entry.stub).values())
    kinds = Counter(known.__mro__[1] for known in entry.known)
    assert kinds[Book] == 1
    assert kinds[Mistake] >= (4 if code else 2)
    assert kinds[Right] >= 2 or not code
    assert all(inspect.getdoc(x) and x.__doc__ for x in entry.known)
    rungs = [x.rung for x in entry.mistakes()]
    assert all(hasattr(entry.checks, rung) for rung in rungs)
    assert len(entry.exercise.hints) >= 2 and inspect.getdoc(entry.stub)
    assert entry.task().startswith('"""')


@pytest.mark.parametrize("name", catalogue.names())
def test_the_page_shows_the_exercise(name):
    exercise = catalogue.load(name).exercise
    page = (BOOK / f"{exercise.chapter}.md").read_text()
    statement = page.split(f"\n:label: ex-{name}\n")[1].split("\n:::")[0]
    assert exercise.line(name) in statement.splitlines(), exercise.line(name)
    assert f"{{exercise}} {exercise.title}\n:label: ex-{name}\n" in page
    assert f"{{solution}} ex-{name}\n:class: dropdown\n" in page


def test_chapters_are_in_the_order_of_the_book():
    toc = (BOOK / "_toc.yml").read_text()
    listed = re.findall(r"- file: (.+)", toc)
    assert [x for x in listed if x in catalogue.CHAPTERS] == [*catalogue.CHAPTERS]


@pytest.mark.parametrize("name", catalogue.names())
def test_an_empty_answer_is_no_mistake(name, tmp_path):
    entry = catalogue.load(name)
    verdict = apart.check(entry, answers.begin(tmp_path, entry))
    if entry.exercise.kind != "change":
        assert verdict.failure.what.startswith("nothing is written yet")
    assert not verdict.right


CLIP = "ppo-clipped-loss"
HEAD = "import torch\n\n\ndef clipped_loss(log_ratio, adv, clip_ratio):\n"
RATIO = "    ratio = log_ratio.exp()\n"
SMALLER = "torch.min(ratio * adv, ratio.clamp(1 - clip_ratio, 1 + clip_ratio) * adv)"
WRONG = {
    "a loop": ("    while True: pass", "not finished after 2 seconds"),
    "no output ends": ("    while True: print('again ' * 99)", "not finished after"),
    "an error": ("    return log_ratio.no_such(adv)", "stopped with an error"),
    "an exit": ("    import sys; sys.exit(0)", "ends the program"),
    "a sudden end": ("    import os; os._exit(0)", "ended the process"),
    "memory": ("    return len(bytearray(1 << 36))", "MemoryError"),
    "not a number": ("    return (adv * 0 / 0).mean()", "one sample"),
    "a changed input": ("    return -adv.mul_(2).mean()", "stopped with an error"),
    "a copy": (
        "    from spinup_lit import ppo\n"
        "    return ppo.clipped_loss(log_ratio, adv, clip_ratio)",
        "your answer calls ppo.clipped_loss",
    ),
    "a syntax error": ("    return (", "is no Python"),
    "another name": (
        "    pass\n\n\nclip, clipped_loss = clipped_loss, 3",
        "must be a function",
    ),
    "other parameters": (
        "    pass\n\n\ndef clipped_loss(x): pass",
        "the parameters of",
    ),
    "nothing": ("    pass\n\n\ndel clipped_loss", "defines no clipped_loss"),
    "the sum of a table": (
        RATIO + "    adv = adv[:, None]\n    return -" + SMALLER + ".mean()",
        "four of these samples together",
    ),
}


def judged(tmp_path, name, text, seconds=2.0):
    """What becomes of an answer to an exercise, which has so many seconds."""
    entry = catalogue.load(name)
    path = tmp_path / entry.file
    path.write_text(text)
    quick = ModuleType("quick")
    vars(quick).update(vars(entry.checks))
    quick.EXERCISE = replace(entry.exercise, seconds=seconds)
    return apart.check(catalogue.Entry(name, entry.stub, quick), path)


@pytest.mark.parametrize("body, says", WRONG.values(), ids=WRONG)
def test_whatever_an_answer_does_the_grader_says_what(body, says, tmp_path):
    verdict = judged(tmp_path, CLIP, HEAD + body + "\n", 2 if "while" in body else 30)
    assert says in verdict.failure.what + verdict.failure.got
    assert len(verdict.printed) <= apart.PRINTED


def test_an_answer_that_behaves_like_a_known_mistake_is_told_so(tmp_path):
    body = RATIO + f"    return torch.mean({SMALLER})\n"  # another form of the mistake
    failure = judged(tmp_path, CLIP, HEAD + body, 30).failure
    assert (failure.rung, failure.mistake) == ("by_hand", "uphill")
    assert "The sign" in failure.reason


@pytest.mark.long
def test_a_changed_algorithm_can_be_an_answer(tmp_path, monkeypatch):
    parts = ("argument", "meaning", "update", "train")
    names = tuple(f"ppo:solution-entropy-{part}" for part in parts)
    changed = catalogue.module_of(Variants("spinup_lit/ppo.py", names))
    assert "entropy_weight" in inspect.signature(changed.ppo).parameters
    assert (
        "entropy_weight"
        not in inspect.signature(catalogue.module_of("spinup_lit.ppo").ppo).parameters
    )
    (tmp_path / "mine.py").write_text("x = 3\n")
    monkeypatch.chdir(tmp_path)
    assert catalogue.module_of("mine.py").x == 3


def test_the_chapter_shows_what_is_said(tmp_path):
    clipped = "    clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)\n"
    text = HEAD + RATIO + clipped + "    return -(clipped * adv).mean()\n"
    said = report(catalogue.load(CLIP), judged(tmp_path, CLIP, text, 30))
    assert f"```text\n{said}\n```" in (BOOK / "practice/exercises.md").read_text()


def test_an_error_names_the_line_of_the_answer(tmp_path):
    text = HEAD + RATIO + "    return ratio.nothing(adv)\n"
    got = judged(tmp_path, CLIP, text, 30).failure.got
    assert "ppo_clipped_loss.py, line 6: return ratio.nothing(adv)" in got


X = np.array([1.0, -2.0, 3.0, 0.5, 4.0])
RELATIONS = {
    "minus": (-X, "minus what"),
    "twice": (2 * X, "twice what"),
    "factor": (5 * X, "factor 5"),
    "offset": (X + 3, "off by +3"),
    "reversed": (X[::-1], "reversed"),
    "shifted": (np.roll(X, 1), "shifted by one"),
    "squared": (X**2, "the square of"),
    "one wrong": (np.where(X == 3, 0, X), "the first wrong one is at (2,)"),
    "infinite": (np.where(X == 3, np.nan, X), "1 of 5 numbers"),
    "a table": (X[:, None] - X, "A column (B, 1) has met a vector"),
    "a column": (X[:, None], "in another shape"),
    "a scalar": (X.mean(), "summed or averaged away"),
    "chance": (np.array([0.3, 0.1, -8.0, 2.0, 9.0]), ""),
}


@pytest.mark.parametrize("got, says", RELATIONS.values(), ids=RELATIONS)
def test_simple_relations_are_named(got, says):
    sentence = relation.relation(np.asarray(got), X)
    assert says in sentence and bool(says) == bool(sentence)


def test_a_missing_mean_is_named():
    assert "The mean along axis 1" in relation.relation(
        np.stack([X, -X, X, X], 1), X / 2
    )


@pytest.fixture
def obey(tmp_path, monkeypatch, capsys):
    """Obeys a command in an empty folder, and returns what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(line):
        capsys.readouterr()
        main(line.split())
        return capsys.readouterr().out

    return run


def test_a_first_hour(obey, tmp_path):
    path = tmp_path / "exercises/ppo_clipped_loss.py"
    assert CLIP in obey("list ppo")
    assert str(path.relative_to(tmp_path)) in obey(f"start {CLIP}")
    with pytest.raises(SystemExit, match="exists"):
        obey(f"start {CLIP}")
    with pytest.raises(SystemExit, match="1"):
        obey(f"check {CLIP}")
    assert obey(f"hint {CLIP}").count("\n") < obey(f"hint {CLIP}").count("\n")
    assert "clamp" in obey(f"solution {CLIP}")
    mine = "# mine\n" + path.read_text()
    path.write_text(mine)
    assert "+    ratio" in obey(f"diff {CLIP}")
    obey(f"reset {CLIP}")
    assert path.with_name("ppo_clipped_loss.1.py").read_text() == mine
    assert path.read_text() != mine
    assert "… " + CLIP in obey("list")


@pytest.mark.long
def test_a_right_answer_is_noted(obey, tmp_path):
    obey(f"start {CLIP}")
    text = HEAD + RATIO + f"    return -{SMALLER}.mean()\n"
    (tmp_path / "exercises/ppo_clipped_loss.py").write_text(text)
    assert "Right." in obey(f"check {CLIP}")
    assert "✓ " + CLIP in obey("list ppo")
    assert "1 of" in obey("progress")


@pytest.mark.parametrize(
    "line, says",
    {
        "start ppo-cliped-loss": "did you mean ppo-clipped-loss?",
        "start ppo": "no single exercise",
        "check": "no answer in exercises",
        f"check {CLIP}": "is not there",
        "list nowhere": "no exercise is called 'nowhere'",
        "table nowhere": "there is no folder nowhere",
        "start ppo-clipped-loss --answers-dir a-file/x": "cannot make the folder",
        "check quiet": "practice/quiet has no exercise to check",
    }.items(),
)
def test_mistakes_in_a_command_are_one_line(obey, line, says, monkeypatch):
    Path("a-file").touch()
    chapters = (*catalogue.CHAPTERS, "practice/quiet")
    monkeypatch.setattr(catalogue, "CHAPTERS", chapters)
    with pytest.raises(SystemExit, match=re.escape(says)):
        obey(line)


@pytest.mark.long
def test_who_reads_a_few_lines_sees_no_error():
    command = f"{sys.executable} -m spinup_lit.exercises list | head -1"
    done = subprocess.run(
        command, shell=True, cwd=BOOK.parent, capture_output=True, text=True
    )
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["solution", "diff"])
def test_an_answer_that_no_longer_fits_its_chapter_is_said(obey, command, monkeypatch):
    obey(f"start {CLIP}")
    monkeypatch.setattr(catalogue.Entry, "known", [])
    with pytest.raises(SystemExit, match="no longer fits its chapter"):
        obey(f"{command} {CLIP}")


def test_a_damaged_record_is_not_overwritten(obey, tmp_path):
    obey(f"start {CLIP}")
    record = tmp_path / "exercises/progress.json"
    record.write_text("{")
    with pytest.raises(SystemExit, match="damaged"):
        obey(f"hint {CLIP}")
    assert record.read_text() == "{"


def test_two_processes_note_what_both_have_done(tmp_path):
    def note(name):
        for _ in range(5):
            with answers.noting(tmp_path, name) as noted:
                noted["checks"] = noted.get("checks", 0) + 1

    processes = [get_context("fork").Process(target=note, args=(x,)) for x in "aabb"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert answers.read(tmp_path) == {"a": {"checks": 10}, "b": {"checks": 10}}


def test_a_crash_in_between_changes_nothing(tmp_path):
    with answers.noting(tmp_path, "a") as noted:
        noted["checks"] = 1
    with pytest.raises(RuntimeError), answers.noting(tmp_path, "a") as noted:
        noted["checks"] = 2
        raise RuntimeError
    assert answers.read(tmp_path) == {"a": {"checks": 1}}


def test_a_table_of_a_class(obey, tmp_path):
    for student, mean in (("ada", "sum"), ("emmy", "median")):
        (tmp_path / student).mkdir()
        text = HEAD + RATIO + f"    return -{SMALLER}.{mean}()\n"
        (tmp_path / student / "ppo_clipped_loss.py").write_text(text)
    (tmp_path / "max").mkdir()
    table = obey(f"table {tmp_path} {CLIP}").splitlines()
    assert table == [
        f"student,{CLIP},right",
        "ada,by_hand: sum not mean,0",
        "emmy,by_hand,0",
        "max,missing,0",
    ]


@pytest.mark.long
def test_an_autograder_can_run_the_same(tmp_path):
    (tmp_path / "ppo_clipped_loss.py").write_text(HEAD + "    return adv.sum()\n")
    command = [sys.executable, "-m", "pytest", "--pyargs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "spinup_lit.exercises.test_answers"],
        env={**os.environ, "ANSWERS": str(tmp_path)},
        cwd=BOOK.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "✗ a case by hand" in done.stdout and "1 failed" in done.stdout
