# tests/book/test_grids.py: generated from book/practice/grids.md; edit the chapter. sha256:49581562007c02f2
"""Grids: their runs, their names, what fails, what is done already."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

import spinup_lit
from spinup_lit import vpg
from spinup_lit.experiments.grid import ExperimentGrid, command_of, outcome
from spinup_lit.machinery import launch
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.training import check_unused, watched
from spinup_lit.run import main


def names(grid):
    """The names of a grid's experiments, in order and each once."""
    return list(dict.fromkeys(grid.name_of("vpg", v) for v in grid.variants()))


def test_a_grid_has_every_combination():
    grid = ExperimentGrid("e")
    grid.add("gamma", [0.9, 0.99])
    grid.add("hidden_sizes", [(64, 64), (8,)], "hid")
    grid.add("env_kwargs:g", 9.8)
    grid.add("seed", range(2))
    assert len(grid.variants()) == 8
    assert grid.variants()[1] == {
        "gamma": 0.9,
        "hidden_sizes": (64, 64),
        "env_kwargs": {"g": 9.8},
        "seed": 1,
    }
    assert names(grid) == [
        "e_gamma0.9_hid64-64",
        "e_gamma0.9_hid8",
        "e_gamma0.99_hid64-64",
        "e_gamma0.99_hid8",
    ]


@pytest.mark.parametrize(
    ("name", "axes", "expected"),
    [
        ("", [("seed", [0, 1])], ["vpg_CartPole-v1"]),
        ("", [("env", ["A-v1", "m:B-v0"])], ["vpg_A-v1", "vpg_m-B-v0"]),
        ("e", [("env", ["A-v1", "B-v0"])], ["e_envA-v1", "e_envB-v0"]),
        ("e", [("pi_lr", 1e-5, "lr", True)], ["e_lr1e-05"]),
        ("e", [("pi_lr", 1e-5, "lr")], ["e"]),
        ("e", [("seed", 3, "s", True)], ["e"]),
        ("e", [("obs", [True, False])], ["e_obs", "e_no_obs"]),
        ("e", [("env_kwargs:wind", [1, "a b"])], ["e_wind1", "e_winda-b"]),
        ("e", [("x", [[1, 2], None])], ["e_x1-2", "e_xNone"]),
    ],
)
def test_names_say_in_what_experiments_differ(name, axes, expected):
    grid = ExperimentGrid(name)
    for axis in axes:
        grid.add(*axis)
    assert names(grid) == expected


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ([("gamma", [])], "gamma needs a value"),
        ([("gamma", [0.9, 0.9])], "gamma is 0.9 twice"),
        ([("gamma", 0.9), ("gamma", 0.8)], "gamma has its values already"),
        ([("gamma", [0.9, 2.0])], "gamma is 2.0; it must"),
        ([("gama", [0.9, 0.8])], "vpg: got an unexpected keyword argument 'gama'"),
        ([("env_kwargs:a", ["x y", "x-y"])], "unexpected keyword argument 'a'"),
        ([("env_kwargs:max_episode_steps", [7, "7"])], "cannot make the environment"),
    ],
)
def test_what_is_wrong_with_a_grid_is_found_before_it_begins(axes, message, tmp_path):
    grid = ExperimentGrid("e")
    with pytest.raises(UserError, match=message):
        for axis in axes:
            grid.add(*axis)
        grid.run("vpg", data_dir=tmp_path, dry_run=True)
    assert list(tmp_path.iterdir()) == []


def test_two_settings_of_one_name_are_refused(tmp_path):
    grid = ExperimentGrid("e")
    grid.add("gamma", [0.5, 0.55], "x")
    grid.add("lam", [0.5, 0.6], "x")
    grid.add("env_kwargs:sutton_barto_reward", [1, "1"], "r")
    with pytest.raises(UserError, match=r"both be called e_x0\.5_x0\.5_r1;"):
        grid.run("vpg", data_dir=tmp_path, dry_run=True)


TINY = {"num_envs": 2, "steps_per_epoch": 32, "hidden_sizes": (8,), "train_v_iters": 1}

ENVIRONMENT = """
import os
import gymnasium as gym
from gymnasium.envs.classic_control import CartPoleEnv


class Breaks(CartPoleEnv):
    \"\"\"Breaks in its 40th step where a file called `broken` lies.\"\"\"

    count = 0

    def step(self, action):
        self.count += 1
        if self.count == 40 and self.force_mag == 5 and os.path.exists("broken"):
            raise RuntimeError("out of order")
        return super().step(action)

    def __init__(self, strength=10.0, **kwargs):
        super().__init__(**kwargs)
        self.force_mag = strength
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with a module for an environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    package = str(Path(spinup_lit.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, str(tmp_path)]))
    (tmp_path / "breaking.py").write_text(ENVIRONMENT)
    yield tmp_path
    sys.modules.pop("breaking", None)


def sweep(**changes):
    """A grid of two settings, one of which may break; it is run."""
    grid = ExperimentGrid("e")
    grid.add("env", "breaking:Breaks")
    grid.add("env_kwargs:strength", [5, 6])
    for name, x in (TINY | {"epochs": 4} | changes).items():
        grid.add(name, x)
    return grid.run("vpg")


@pytest.mark.long
def test_a_grid_goes_on_when_a_run_fails_and_takes_up_what_is_missing(place, capsys):
    Path("broken").touch()
    with pytest.raises(UserError, match="1 of 2 runs failed") as error:
        sweep()
    told = str(error.value)
    assert "data/e_strength5/e_strength5_s0: RuntimeError: out of order" in told
    good = Path("data/e_strength6/e_strength6_s0")
    before = (good / "progress.txt").read_bytes()
    assert before.count(b"\n") == 5
    assert "FAILED  data/e_strength5" in capsys.readouterr().out
    Path("broken").unlink()
    assert sweep() == [Path("data/e_strength5/e_strength5_s0"), good]
    said = capsys.readouterr().out
    assert said.startswith(
        "1 of 2 runs are complete already\nbegins  data/e_strength5/"
    )
    assert (good / "progress.txt").read_bytes() == before
    sweep()
    assert capsys.readouterr().out == "2 of 2 runs are complete already\n"
    assert {path.name for path in Path("data").glob("*/*")} == {
        "e_strength5_s0",
        "e_strength6_s0",
    }


def test_a_dry_run_tells_and_does_nothing(place, capsys):
    line = ["vpg", "--gamma[g]", "0.9", "0.99", "--seed", "0", "1", "--dry_run"]
    main(line)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "4 new",
        "new       data/vpg_CartPole-v1_g0.9, seed 0",
        "new       data/vpg_CartPole-v1_g0.9, seed 1",
        "new       data/vpg_CartPole-v1_g0.99, seed 0",
        "new       data/vpg_CartPole-v1_g0.99, seed 1",
    ]
    assert not Path("data").exists()


@pytest.mark.long
def test_a_grid_that_is_interrupted_ends_its_runs_and_goes_on_later(place):
    command = [sys.executable, "-m", "spinup_lit.run", "vpg", "--seed", "0", "1"]
    command += ["--epochs", "40", "--save_freq", "5", "--exp_name", "e"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(Path("data").glob("*/*/checkpoint.pt")):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 130
    for run_dir in Path("data").glob("*/*"):
        check_unused(run_dir)  # nobody trains on
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    main(["vpg", "--epochs=40", "--exp_name=alone", "--quiet"])
    again, alone = (
        np.genfromtxt(f"data/{name}/{name}_s0/progress.txt", names=True)["AverageEpRet"]
        for name in ("e", "alone")
    )
    assert len(again) == 40 and np.array_equal(again, alone)


def test_what_keeps_watch_over_a_run_is_no_other_run(tmp_path):
    grid = ExperimentGrid("e")
    grid.add("epochs", 2)
    launch.start("vpg", exp_name="e", data_dir=tmp_path, epochs=2, quiet=True, **TINY)
    for name, x in TINY.items():
        grid.add(name, x)
    (found,) = grid.runs("vpg", data_dir=tmp_path, snapshots=True, tensorboard=True)
    assert found.state == "complete"
    assert found.plan.config["snapshots"] and found.plan.config["tensorboard"]


def test_a_run_that_logs_nothing_ends_all_the_same(tmp_path):
    assert outcome(tmp_path, status=0) == "it has logged no epoch"


def test_a_function_has_the_name_of_its_command():
    assert command_of(vpg.vpg) == "vpg"
    assert command_of(names) == __file__


def test_a_curve_grows_in_a_notebook(monkeypatch):
    pytest.importorskip("IPython")
    from spinup_lit.experiments import notebook

    pictures, handle = [], Mock()
    handle.update.side_effect = pictures.append
    monkeypatch.setattr(
        notebook, "display", lambda x, display_id: (pictures.append(x), handle)[1]
    )
    with watched(notebook.LiveCurve(pause=0)):
        vpg.vpg(epochs=3, **TINY)
    (line,) = pictures[-1].axes[0].lines
    assert line.get_xdata().tolist() == [32, 64, 96]
    assert len(pictures) == 3
