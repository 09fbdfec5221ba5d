# tests/book/test_running.py: generated from book/practice/running.md; edit the chapter. sha256:83ee80615bf991c1
"""Running: options, folders, interruptions, mistakes."""

import errno
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from inspect import signature
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import Mock

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from psutil import Process, process_iter, wait_procs

import spinup_lit
from spinup_lit import run, vpg
from spinup_lit.experiments import commands, grid, plot
from spinup_lit.machinery import launch, mpi
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import PROGRAM, UserError
from spinup_lit.machinery.logger import read_config, save_config
from spinup_lit.run import main

TINY = ["--num_envs=2", "--steps_per_epoch=32", "--hidden_sizes=8", "--train_v_iters=1"]
two_cores = pytest.mark.skipif(mpi.cores() < 2, reason="two ranks need two cores")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """No screen, and a package that processes started here find from any folder."""
    monkeypatch.setenv("PYTHONPATH", str(Path(spinup_lit.__file__).parents[1]))
    plt.switch_backend("agg")
    yield
    plt.close("all")


def rows_of(run_dir: Path) -> list[str]:
    """The lines of a progress.txt without their last column, the time."""
    lines = (run_dir / "progress.txt").read_text().splitlines()
    return [line.rsplit("\t", 1)[0] for line in lines]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The folder of a run that has learned a little."""
    data_dir = tmp_path_factory.mktemp("data")
    launch.start("vpg", data_dir=data_dir, epochs=3)
    (config,) = data_dir.rglob("config.json")
    return config.parent


def test_runs_that_start_together_get_folders_of_their_own(tmp_path):
    place = launch.Place(tmp_path, "e")
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(place.new_run_dir, 7) for _ in range(20)]
    names = ["e_s7", *(f"e_s7_{i}" for i in range(2, 21))]
    assert {f.result() for f in made} == {tmp_path / "e" / name for name in names}


@pytest.mark.parametrize("taken", ["", "e", "e/e_s0"])
def test_a_file_in_the_way_is_not_touched(taken, tmp_path):
    data_dir = tmp_path / "data"
    (data_dir / taken).parent.mkdir(parents=True, exist_ok=True)
    (data_dir / taken).write_text("mine")
    place = launch.Place(data_dir, "e")
    if taken == "e/e_s0":
        assert place.new_run_dir(0).name == "e_s0_2"
    else:
        with pytest.raises(UserError, match="cannot create the folder"):
            place.new_run_dir(0)
    assert (data_dir / taken).read_text() == "mine"


def test_with_a_datestamp_names_begin_with_date_and_time(tmp_path):
    path = launch.Place(tmp_path, "e", datestamp=True).new_run_dir(3)
    day, moment = r"\d{4}-\d\d-\d\d", r"\d\d-\d\d-\d\d"
    found = str(path.relative_to(tmp_path))
    assert re.fullmatch(rf"({day})_e/\1_{moment}-e_s3", found)


MINE = """
import gymnasium as gym
from gymnasium.envs.classic_control import CartPoleEnv


class Cart(CartPoleEnv):
    def __init__(self, strength=10.0, **kwargs):
        super().__init__(**kwargs)
        self.force_mag = strength


class Twin(Cart):
    pass


def weak():
    return Cart(strength=1.0)


gym.register("Mine-v0", Cart)
gym.register("Twin-v3", Cart)
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of the reader's own with an environment, a class and a function."""
    (tmp_path / "mine_to_run.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("mine_to_run")
    del sys.modules["mine_to_run"]


def strength(config):
    """The force in the environment of this configuration."""
    with launch.environment(config), make(config["env"]) as env:
        return env.unwrapped.force_mag


def test_an_environment_is_an_id_a_class_or_a_function(mine):
    known = dict(gym.registry)
    assert strength({"env": "mine_to_run:Mine-v0"}) == 10
    assert strength({"env": "mine_to_run:Cart"}) == 10
    assert strength({"env": "mine_to_run:weak"}) == 1
    for name in ("Mine-v0", "Cart"):
        config = {"env": f"mine_to_run:{name}", "env_kwargs": {"strength": 3.0}}
        assert strength(config) == 3
        assert strength(config | {"env_kwargs": {}}) == 10
    assert gym.registry == known
    assert launch.id_of(mine.Cart) == "mine_to_run:Cart"
    with pytest.raises(UserError, match="another process cannot find by its name"):
        launch.id_of(lambda: mine.Cart())
    with pytest.raises(UserError, match="Gymnasium knows Twin-v3; which is meant"):
        strength({"env": "mine_to_run:Twin"})


def limit(env, **kwargs):
    """After how many steps an environment with these arguments cuts an episode."""
    with launch.environment({"env": env, "env_kwargs": kwargs}), make(env) as made:
        return made.spec.max_episode_steps


def test_a_limit_of_episodes_is_an_argument_like_others(mine):
    for env in ("Pendulum-v1", "mine_to_run:Cart"):
        assert limit(env, max_episode_steps=7) == 7
    assert limit("Pendulum-v1", g=9.8) == limit("Pendulum-v1") == 200
    assert limit("Pendulum-v1", max_episode_steps=-1) is None
    with pytest.warns(UserWarning, match="latest versioned environment"):
        assert limit("Pendulum", g=9.8) == 200


def test_a_run_takes_its_environment_along(tmp_path, mine, capsys):
    options = [*TINY, "--epochs=2", f"--data_dir={tmp_path}", "--exp_name=e"]
    main(["vpg", "--env=mine_to_run:Cart", *options, "--env_kwargs:strength", "0.0"])
    run_dir = tmp_path / "e/e_s0"
    assert read_config(run_dir)["env_kwargs"] == {"strength": 0.0}
    main(["resume", str(run_dir), "--epochs=4"])
    launch.load_agent(run_dir)
    options.remove("--epochs=2")
    as_json = ["--epochs=4", '--env_kwargs={"strength": 0.0}']
    main(["vpg", "--env=mine_to_run:Cart", *options, *as_json])
    assert rows_of(run_dir) == rows_of(tmp_path / "e/e_s0_2")


def test_a_run_knows_who_started_it_and_which_code(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "x", "--exp_name", "a b"])
    run_dir = launch.start("vpg", data_dir=tmp_path, quiet=True, epochs=1)
    assert read_config(run_dir)["command"] == "python -m x --exp_name 'a b'"
    assert read_config(run_dir)["exp_name"] == "vpg_CartPole-v1"


def test_the_commit_is_that_of_the_file(tmp_path):
    def git(*words):
        subprocess.run(["git", "-C", tmp_path, *words], check=True, capture_output=True)

    file, other = tmp_path / "mine.py", tmp_path / "other.py"
    assert launch.commit_of(file) is None
    file.touch(), other.touch()
    git("init")
    git("add", "mine.py")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "x")
    launch.commit_of.cache_clear()
    commit = launch.commit_of(file)
    assert re.fullmatch("[0-9a-f]{40}", commit)
    assert launch.commit_of(other) is None
    file.write_text("changed")
    launch.commit_of.cache_clear()
    assert launch.commit_of(file) == f"{commit}-dirty"


@pytest.mark.parametrize(
    ("ranks", "number"),
    [
        (1, signal.SIGINT),
        pytest.param(1, signal.SIGTERM, marks=pytest.mark.long),
        pytest.param(2, signal.SIGINT, marks=[two_cores, pytest.mark.long]),
    ],
)
def test_an_interrupted_run_resumes_as_if_nothing_had_happened(ranks, number, tmp_path):
    program = [sys.executable, *PROGRAM.split()[1:]]
    options = [f"--num_cpu={ranks}", "--epochs=100000", "--save_freq=10", *TINY]
    process = subprocess.Popen(
        [*program, "vpg", *options, f"--data_dir={tmp_path}"],
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A background job of a shell may have been told to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    name = f"{tmp_path}/vpg_CartPole-v1/vpg_CartPole-v1_s0"
    checkpoint, progress = Path(name, "checkpoint.pt"), Path(name, "progress.txt")
    while process.poll() is None and not checkpoint.exists():
        time.sleep(0.01)
    early = checkpoint.read_bytes()
    while process.poll() is None and len(plot.read_progress(progress)["Epoch"]) < 30:
        time.sleep(0.01)
    process.send_signal(number)
    _, message = process.communicate(timeout=30)

    assert process.returncode == 130
    assert message == f"\ninterrupted; to go on:\n  {PROGRAM} resume {name}\n"
    running = [process.info["cmdline"] or [] for process in process_iter(["cmdline"])]
    assert [command for command in running if name in command] == []
    uninterrupted = progress.read_text().splitlines()
    epochs = plot.read_progress(progress)["Epoch"]
    assert epochs.tolist() == list(range(len(epochs)))

    checkpoint.write_bytes(early)
    save_config(progress.parent, read_config(progress.parent) | {"epochs": len(epochs)})
    main(["resume", str(progress.parent)])
    again = progress.read_text().splitlines()
    assert again[:11] == uninterrupted[:11]  # kept; the others are new: another Time
    assert again != uninterrupted and again[0].endswith("\tTime")
    assert [line.rsplit("\t", 1)[0] for line in again] == [
        line.rsplit("\t", 1)[0] for line in uninterrupted
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("algorithm", "options"),
    [
        ("vpg", [*TINY, "--epochs=150"]),
        (
            "dqn",
            [
                "--steps_per_epoch=200",
                "--epochs=24",
                "--start_steps=64",
                "--update_after=64",
                "--num_test_episodes=1",
                "--hidden_sizes=8",
            ],
        ),
    ],
)
def test_a_run_survives_kills_at_any_moment(algorithm, options, tmp_path):
    options = [algorithm, *options, "--save_freq=3", "--exp_name=e", "--quiet"]
    main([*options, f"--data_dir={tmp_path / 'whole'}"])
    program = [sys.executable, *PROGRAM.split()[1:]]
    run_dir, rng = tmp_path / "killed/e/e_s0", np.random.default_rng()
    command = [*program, *options, f"--data_dir={tmp_path / 'killed'}"]
    for _ in range(3):
        process = subprocess.Popen(command)
        while process.poll() is None and not (run_dir / "checkpoint.pt").exists():
            time.sleep(0.01)
        before = read_checkpoint(run_dir)["epochs"]
        while process.poll() is None and read_checkpoint(run_dir)["epochs"] == before:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.2))
        process.kill()
        process.wait()
        text = (run_dir / "progress.txt").read_text()
        widths = {line.count("\t") for line in text.splitlines()}
        assert text.endswith("\n") and len(widths) == 1
        rows, saved = len(rows_of(run_dir)) - 1, read_checkpoint(run_dir)["epochs"]
        assert 0 <= rows - saved <= 3
        command = [*program, "resume", str(run_dir), "--quiet"]
    main(["resume", str(run_dir), "--quiet"])
    assert rows_of(run_dir) == rows_of(tmp_path / "whole/e/e_s0")


@pytest.mark.long
@pytest.mark.parametrize("ranks", [1, pytest.param(2, marks=two_cores)])
def test_a_run_that_still_trains_is_not_resumed(ranks, tmp_path):
    program = [sys.executable, *PROGRAM.split()[1:]]
    options = [f"--num_cpu={ranks}", "--epochs=100000", "--save_freq=10", *TINY]
    process = subprocess.Popen([*program, "vpg", *options, f"--data_dir={tmp_path}"])
    run_dir = tmp_path / "vpg_CartPole-v1/vpg_CartPole-v1_s0"
    while process.poll() is None and not (run_dir / "checkpoint.pt").exists():
        time.sleep(0.01)
    writer = int((run_dir / "lock").read_text().split()[0])
    try:
        if ranks > 1:
            assert writer != process.pid
            process.kill()
        with pytest.raises(SystemExit, match=f"another process, number {writer}, is"):
            main(["resume", str(run_dir)])
    finally:
        writers = [p for p in process_iter(["cmdline"]) if str(run_dir) in str(p.info)]
        for one in [Process(writer), *writers]:
            one.kill()
        process.wait()
    wait_procs(writers, timeout=10)
    launch.check_unused(run_dir)


def test_a_finished_run_says_so_and_can_be_trained_on(trained, tmp_path, capsys):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    before = {path: path.read_bytes() for path in run_dir.iterdir()}
    main(["resume", str(run_dir)])
    said = capsys.readouterr().out
    assert said.startswith("nothing is left to do: all 3 epochs are trained; to train")
    assert f"resume {run_dir} --epochs 6\n" in said
    with pytest.raises(SystemExit, match="epochs is 2; the run has trained 3 already"):
        main(["resume", str(run_dir), "--epochs=2"])
    with pytest.raises(SystemExit, match="epochs is 0; it must be"):
        main(["resume", str(run_dir), "--epochs=0"])
    assert {path: path.read_bytes() for path in run_dir.iterdir()} == before
    main(["vpg", "--resume", str(run_dir), "--epochs=5"])
    assert "End of experiment" in capsys.readouterr().out
    assert read_config(run_dir)["epochs"] == 5
    whole = vpg.vpg(epochs=5).state_dict()
    for name, x in launch.load_agent(run_dir).state_dict().items():
        assert torch.equal(x, whole[name]), name


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ppo --resume DIR", "is one of vpg"),
        ("vpg --resume DIR --seed 1", "keeps its other arguments"),
        ("vpg --resume DIR --dry_run", "keeps its other arguments"),
        ("vpg --resume DIR --epochs 4 5", "one number of epochs"),
    ],
)
def test_to_go_on_by_the_name_of_the_algorithm_needs_no_more(line, message, trained):
    with pytest.raises(SystemExit, match=message):
        main(line.replace("DIR", str(trained)).split())


def test_other_versions_than_those_of_the_run_are_named(trained, tmp_path, capsys):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    config = read_config(run_dir)
    now, then = config["versions"], {"torch": "1.0", "gymnasium": "0.9"}
    save_config(run_dir, {**config, "versions": {**now, **then}})
    main(["resume", str(run_dir), "--epochs=4"])
    torch_, gym_ = (f"{k} {x} (here {now[k]})" for k, x in then.items())
    warning = f"warning: the run began with {torch_}, {gym_}; it goes on, but perhaps"
    assert warning in capsys.readouterr().err
    assert read_config(run_dir)["versions"] == {**now, **then}
    save_config(run_dir, {**config, "epochs": 5})
    main(["resume", str(run_dir), "--quiet"])
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pi_lr": 0.01}, "pi_lr 0.01, but it was 0.003"),
        ({"seed": 7}, "seed 7, but it was 0"),
        ({"gamma": 0.5, "lam": 1.0}, r"gamma 0.5, but .*; lam 1.0, but it was 0.97"),
        ({"hidden_sizes": [32]}, r"hidden_sizes \[32\], but it was \[64, 64\]"),
        ({"env": "Pendulum-v1"}, "env 'Pendulum-v1', but it was 'CartPole-v1'"),
        ({"env_kwargs": {"sutton_barto_reward": True}}, "env_kwargs .*, but it was {}"),
        ({"algorithm": "trpo"}, "config.json gives pi_lr, which trpo does not have"),
        ({"algorithm": "vgp"}, "there is no algorithm 'vgp'"),
        ({"algorithm": 3}, "algorithm 3, which should be a str"),
        ({"num_cpu": "2"}, "num_cpu '2', which should be a int"),
        ({"num_cpu": 2}, "num_cpu 2, but it was 1"),
        ({"num_envs": None}, "num_envs is None; it must be a whole number"),
        ({"gama": 0.9}, "config.json gives gama, which vpg does not have"),
    ],
)
def test_a_run_that_has_begun_keeps_its_arguments(change, message, trained, tmp_path):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    save_config(run_dir, read_config(run_dir) | {"epochs": 4} | change)
    before = (run_dir / "checkpoint.pt").read_bytes()
    with pytest.raises(SystemExit, match=message) as end:
        main(["resume", str(run_dir)])
    assert "\n" not in end.value.code
    assert (run_dir / "checkpoint.pt").read_bytes() == before


def test_a_config_by_hand_is_a_run_with_defaults(tmp_path):
    config = {"algorithm": "vpg", "num_cpu": 1, "seed": 3, "epochs": 1}
    save_config(tmp_path, config)
    with pytest.raises(SystemExit, match=r"config\.json gives no env"):
        main(["resume", str(tmp_path)])
    save_config(tmp_path, config | {"env": "CartPole-v1"})
    main(["resume", str(tmp_path), "--quiet"])
    whole = vpg.vpg(seed=3, epochs=1).state_dict()
    for name, x in launch.load_agent(tmp_path).state_dict().items():
        assert torch.equal(x, whole[name]), name


def test_how_long_and_how_often_it_saves_may_change(trained, tmp_path):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    save_config(run_dir, read_config(run_dir) | {"epochs": 4, "save_freq": 1})
    main(["resume", str(run_dir), "--quiet"])
    assert len(plot.read_progress(run_dir / "progress.txt")["Epoch"]) == 4


@pytest.mark.parametrize("change", [{"hidden_sizes": [32]}, {"env": "Pendulum-v1"}])
def test_an_agent_that_its_checkpoint_does_not_fit_gets_one_line(
    change, trained, tmp_path
):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    save_config(run_dir, read_config(run_dir) | change)
    message = f"the checkpoint in {run_dir} does not fit: its part 'agent' is not"
    with pytest.raises(SystemExit, match=message):
        main(["test_policy", str(run_dir), "--norender"])


def test_a_run_for_which_there_is_no_room_leaves_no_folder(tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(os, "fsync", Mock(side_effect=full))
    with pytest.raises(SystemExit, match=r"cannot write .*config\.json: No space left"):
        main(["vpg", f"--data_dir={tmp_path}"])
    assert list(tmp_path.rglob("*_s0")) == []


def test_a_disk_that_fills_up_costs_no_more_than_the_time(tmp_path, monkeypatch):
    command = ["vpg", "--epochs=4", "--save_freq=2", *TINY, "--exp_name=e"]
    main([*command, f"--data_dir={tmp_path / 'whole'}"])
    real, calls = os.fsync, count()

    def fsync(file):
        if next(calls) == 3:  # after config.json, progress.txt, and a checkpoint
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    run_dir = tmp_path / "full/e/e_s0"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(
            SystemExit, match=r"checkpoint\.pt: No space left.*`resume`"
        ):
            main([*command, f"--data_dir={tmp_path / 'full'}"])
    assert read_checkpoint(run_dir)["epochs"] == 2
    assert not list(run_dir.glob("*.part"))
    main(["resume", str(run_dir)])
    whole, full = (rows_of(tmp_path / x / "e/e_s0") for x in ("whole", "full"))
    assert whole == full


@pytest.mark.parametrize("command", ["vpg", "plot"])
def test_descriptions_of_options_flow(command, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert any(
        " its observations must be vectors, its actions " in x for x in lines
    ) or (
        any("Without it a window opens; where none can, the figure" in x for x in lines)
    )


def test_every_argument_is_an_option_and_reaches_the_run(tmp_path, capsys):
    arguments = signature(vpg.vpg).parameters
    with pytest.raises(SystemExit):
        main(["vpg", "--help"])
    shown = set(re.findall(r"--(\w+)", capsys.readouterr().out))
    launching = {"exp_name", "data_dir", "datestamp", "num_cpu", "env_kwargs", "quiet"}
    launching |= {"resume", "workers", "dry_run", "help", "snapshots", "tensorboard"}
    assert shown == set(arguments) - {"output_dir"} | launching

    main(["vpg", "--lam=0.5", "--epochs=1", *TINY, "--data_dir", str(tmp_path / "a b")])
    run_dir = tmp_path / "a b" / "vpg_CartPole-v1" / "vpg_CartPole-v1_s0"
    assert f"{PROGRAM} plot '{run_dir}'\n" in capsys.readouterr().out
    config = read_config(run_dir)
    assert config["lam"] == 0.5 and config["hidden_sizes"] == [8]
    assert config["gamma"] == arguments["gamma"].default


def asked(line, algorithm="ppo"):
    """The values that a command line gives to arguments."""
    return commands.read(algorithm, line.split()).values


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("--seed 3", {"seed": [3]}),
        ("--seed 0 10 20", {"seed": [0, 10, 20]}),
        ("--env A B", {"env": ["A", "B"]}),
        ("--env_name A", {"env": ["A"]}),
        ("--gamma=0.5 0.6", {"gamma": [0.5, 0.6]}),
        ("--hid [64,64]", {"hidden_sizes": [(64, 64)]}),
        ("--hid [64,64] [32]", {"hidden_sizes": [(64, 64), (32,)]}),
        ("--hid [64, 64] (32,)", {"hidden_sizes": [(64, 64), (32,)]}),
        ("--hidden_sizes 64 32", {"hidden_sizes": [(64, 32)]}),
        ("--hidden-sizes []", {"hidden_sizes": [()]}),
        ("--ac_kwargs:hidden_sizes [8]", {"hidden_sizes": [(8,)]}),
        ("--normalise_obs False True", {"normalise_obs": [False, True]}),
        ("--normalise_obs", {"normalise_obs": [True]}),
        ("--target_kl inf 0.01", {"target_kl": [np.inf, 0.01]}),
        ("--env_kwargs:x 1 a [2,3]", {"env_kwargs:x": [1, "a", [2, 3]]}),
        (
            "--env_kwargs:x true __import__('os')",
            {"env_kwargs:x": [True, "__import__('os')"]},
        ),
    ],
)
def test_what_is_typed_is_what_is_meant(line, values):
    assert asked(line) == values


def test_a_flag_of_the_help_still_works(tmp_path):
    given = commands.read("ppo", ["--no_normalise_obs", "--gamma", "0.5"])
    assert given.values == {"normalise_obs": [False], "gamma": [0.5]}
    main(
        ["ppo", "--no_normalise_obs", "--epochs=1", f"--data_dir={tmp_path}", "--quiet"]
    )
    (run_dir,) = tmp_path.glob("*/*")
    assert read_config(run_dir)["normalise_obs"] is False


def test_a_number_of_ranks_may_be_left_to_the_machine(monkeypatch):
    monkeypatch.setattr(mpi, "cores", lambda: 4)
    assert launch.plan("vpg", num_cpu="auto").config["num_cpu"] == 4
    assert commands.read("vpg", ["--cpu", "auto"]).launch["num_cpu"] == "auto"


def test_what_stands_in_brackets_stands_in_the_name(tmp_path):
    where = ["--epochs=1", *TINY, f"--data_dir={tmp_path}", "--quiet"]
    main(["vpg", "--lam[l]", "0.5", "--gamma[]", "0.9", *where])
    main(["vpg", "--lam[l]=0.5", "--exp_name=mine", *where])
    assert {path.name for path in tmp_path.glob("*/*")} == {
        "vpg_CartPole-v1_l0.5_0.9_s0",
        "mine_l0.5_s0",
    }


@pytest.mark.parametrize("command, other", [("plot", "torch"), ("vpg", "matplotlib")])
def test_no_command_waits_for_a_library_it_does_not_need(command, other):
    code = f"""
import sys, spinup_lit.run
assert "numpy" not in sys.modules
spinup_lit.run.function_of("{command}")
assert "numpy" in sys.modules and "{other}" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("line", "message", "status"),
    [
        ("vpgg", "did you mean vpg?", 1),
        ("VPG", "did you mean vpg?", 1),
        ("ppo_pytorch --env A", "did you mean ppo?", 1),
        (
            "train",
            "there are ddpg, dqn, ppo, sac, td3, trpo, vpg, resume, plot, test_policy, results",
            1,
        ),
        ("vpg --gama 0.9", "--gamma FLOAT", 2),
        ("vpg --gama 0.9 0.8", "--gamma FLOAT", 2),
        ("vpg help", "Unrecognized options: help", 2),
        ("vpg -x", "Unrecognized options: -x", 2),
        ("vpg --epochs", "Missing value for argument '--epochs'", 2),
        ("vpg --epochs many", "Error parsing --epochs", 2),
        ("vpg --epochs 1.5", "Error parsing --epochs", 2),
        ("vpg --seed 0 1 x", "Error parsing --seed", 2),
        ("vpg --epochs -3", "epochs is -3", 1),
        ("vpg --gamma 1.7", "gamma is 1.7", 1),
        ("vpg --gamma nan", "gamma is nan", 1),
        ("vpg --gamma 0.9 1.7", "gamma is 1.7", 1),
        ("vpg --seed -1", "seed is -1", 1),
        ("vpg --seed 0 1 0", "seed is 0 twice", 1),
        ("vpg --seed 0 --seed 1", "--seed is given twice", 1),
        ("vpg --hidden_sizes 64 0", "hidden_sizes is (64, 0)", 1),
        ("vpg --hid [64,x]", "Error parsing --hidden_sizes", 2),
        ("vpg --hid [64,64] 32", "each stands in brackets", 1),
        ("vpg --hid [64", "Error parsing --hidden_sizes", 2),
        ("vpg --hid", "--hidden_sizes needs a value", 1),
        ("vpg --hid=", "--hidden_sizes needs a value", 1),
        ("ppo --normalise_obs maybe", "normalise_obs is 'maybe'; it must be True", 1),
        ("vpg --act relu", "nn.Tanh or nn.ReLU", 1),
        ("vpg --ac_kwargs:activation relu", "nn.Tanh or nn.ReLU", 1),
        ("vpg --max_ep_len 100", "--env_kwargs:max_episode_steps N", 1),
        ("vpg --logger_kwargs:exp_name x", "Unrecognized options", 2),
        ("./nowhere.py", "there is no file nowhere.py", 1),
        ("./empty.py", "it has none", 1),
        ("./torn.py", "torn.py:1: invalid syntax", 1),
        ("./noseed.py", "f must take the arguments env and seed", 1),
        ("./noneed.py", "g: missing a required argument: 'output_dir'", 1),
        ("vpg --env CartPoll-v1", "Did you mean: `CartPole`?", 1),
        ("vpg --env CartPole-v1 CartPoll-v1", "Did you mean: `CartPole`?", 1),
        ("vpg --env missing_package:Env-v0", "missing_package", 1),
        ("vpg --env json:Env-v0", "Environment `Env` doesn't exist", 1),
        ("vpg --env json:loads", "loads() missing 1 required positional", 1),
        ("vpg --env a:b:c", "a:b:c", 1),
        ("vpg --env :Mine", "before the colon stands a module", 1),
        ("vpg --env ./a:Mine", "before the colon stands a module", 1),
        ("vpg --env CarRacing-v3", "observations must be vectors", 1),
        ("ddpg --env CartPole-v1", "this algorithm needs vectors", 1),
        ("dqn --env Pendulum-v1", "this algorithm compares numbered", 1),
        ("sac --env CartPole-v1", "Numbered actions are for dqn, vpg, trpo and ppo", 1),
        ("vpg --env_kwargs {", "env_kwargs is '{'; it must be JSON", 1),
        ("vpg --env_kwargs 3", "env_kwargs is 3; it must be JSON", 1),
        ("vpg --env_kwargs:gravity", "--env_kwargs:gravity needs a value", 1),
        ("vpg --env_kwargs:gravty 3", "unexpected keyword argument 'gravty'", 1),
        ("vpg --env_kwargs:x {1,2}", "config.json cannot hold it", 1),
        ("vpg --num_cpu 0", "num_cpu is 0; this machine can run 1 to 4", 1),
        ("vpg --num_cpu 99", "num_cpu is 99; this machine can run 1 to 4", 1),
        ("vpg --num_cpu 1 2", "--num_cpu takes one value, not 1 2", 1),
        ("vpg --num_cpu all", "Error parsing --num_cpu", 2),
        ("vpg --num_cpu 3", "num_envs is 8", 1),
        ("vpg --steps_per_epoch 1001", "steps_per_epoch is 1001", 1),
        ("vpg --seed 0 1 --workers 5", "workers is 5; this machine has 4 cores", 1),
        ("vpg --seed 0 1 --workers 3 --cpu 2", "enough for 1 to 2 runs", 1),
        ("vpg --exp_name a/b", "it names one folder", 1),
        ("vpg --exp_name a b", "--exp_name takes one value, not a b", 1),
        ("vpg --exp_name a/b --seed 0 1", "it names one folder", 1),
        ("vpg --gamma[a-b] 0.9", "Unrecognized options: --gamma[a-b]", 2),
        ("vpg --data_dir taken", "cannot create the folder taken", 1),
        ("vpg --output_dir x", "Unrecognized options: --output_dir", 2),
        ("vpg --resume empty", "empty is not the folder of a run", 1),
        ("resume", "Missing from", 2),
        ("resume taken", "taken is not the folder of a run", 1),
        ("resume empty --epoch 3", "--epochs", 2),
        ("completion fish", "invalid choice", 2),
        ("plot", "name their folders", 1),
        ("plot nowhere", "there is no folder nowhere", 1),
        ("plot empty", "no progress.txt in or below empty", 1),
        ("plot empty --smooth 0", "smooth is 0", 1),
        ("test_policy empty --norender", "empty is not the folder of a run", 1),
        ("test_policy empty --episodes 0", "episodes is 0", 1),
        ("test_policy empty --norender --len 0", "len is 0", 1),
    ],
)
def test_a_mistake_gets_one_message(
    line, message, status, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mpi, "cores", lambda: 4)
    monkeypatch.setattr(grid, "cores", lambda: 4)
    Path("taken").touch()
    Path("empty").mkdir()
    Path("empty.py").touch()
    Path("torn.py").write_text("x = = 1")
    Path("noseed.py").write_text(
        "def f(env: str = 'CartPole-v1', *, output_dir=None, resume=False): ..."
    )
    Path("noneed.py").write_text(
        "def g(env: str = 'CartPole-v1', seed: int = 0, *, output_dir, resume): ..."
    )
    before = set(tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as end:
        main(line.split())
    one_line = isinstance(end.value.code, str)
    told = end.value.code if one_line else capsys.readouterr().err
    assert message in " ".join(told.replace("│", " ").split())
    assert status == (1 if one_line else end.value.code)
    assert "Traceback" not in told
    assert {p for p in tmp_path.rglob("*") if "__pycache__" not in str(p)} == before


def test_a_terminal_need_not_know_all_letters(tmp_path, monkeypatch):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    main(
        ["vpg", "--epochs=1", *TINY, f"--data_dir={tmp_path}", "--exp_name=Läufer-бег"]
    )
    assert rb"L\xe4ufer-\u0431\u0435\u0433_s0" in screen.buffer.getvalue()
    assert (tmp_path / "Läufer-бег/Läufer-бег_s0/checkpoint.pt").exists()


def completed(script: Path, *words: str) -> set[str]:
    """What bash offers in place of the last of these words."""
    array = " ".join(f"'{word}'" for word in words)
    code = f"""
source {script}
COMP_WORDS=({array}) COMP_CWORD={len(words) - 1}
$(complete -p spinup_lit | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True)
    return {word.strip() for word in done.stdout.splitlines()}


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.long
def test_a_shell_completes_commands_and_options(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["completion", "bash"])
    assert end.value.code in (0, None)
    (tmp_path / "script").write_text(capsys.readouterr().out)
    offered = completed(tmp_path / "script", "spinup_lit", "t")
    assert offered == {"td3", "trpo", "test_policy"}
    assert "--hidden_sizes" in completed(
        tmp_path / "script", "spinup_lit", "vpg", "--h"
    )
    assert "--smooth" in completed(tmp_path / "script", "spinup_lit", "plot", "--s")


def test_there_is_a_script_for_zsh(capsys):
    with pytest.raises(SystemExit):
        main(["completion", "zsh"])
    said = capsys.readouterr().out
    assert said.startswith("#compdef spinup_lit") and "--hidden_sizes" in said


def test_the_command_alone_explains_itself(capsys):
    main([])
    said = capsys.readouterr().out
    for command in (*run.algorithms(), *run.TOOLS):
        assert f"  {command:<12} " in said
    for example in run.EXAMPLES:
        assert f"{PROGRAM} {example}" in said


@pytest.mark.parametrize("line", ["help", "plot --help"])
def test_output_need_not_be_read(line, monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, *PROGRAM.split()[1:], *line.split()]
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, b"")


BROKEN = """
import gymnasium as gym
from gymnasium.envs.classic_control import CartPoleEnv


class Broken(CartPoleEnv):
    def step(self, action):
        self.count = getattr(self, "count", 0) + 1
        obs, rew, *rest = super().step(action)
        return obs, rew if self.count < 5 else "five", *rest


class Raises(Broken):
    def step(self, action):
        return super().step(self.pick(action))

    def pick(self, action):
        return {}[action]


gym.register("Broken-v0", Broken)
gym.register("Raises-v0", lambda: gym.Wrapper(Raises()))
"""


@pytest.mark.long
@pytest.mark.parametrize("ranks", [1, pytest.param(2, marks=two_cores)])
def test_an_unexpected_error_names_lines_of_the_chapters(ranks, tmp_path):
    pytest.importorskip("myst_parser", reason="tangle's packages are not installed")
    (tmp_path / "broken.py").write_text(BROKEN)
    program = [sys.executable, *PROGRAM.split()[1:]]
    result = subprocess.run(
        [*program, "vpg", "--env=broken:Broken-v0", f"--num_cpu={ranks}", *TINY],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert 'File "book/machinery/environments.md", line ' in result.stderr
    assert 'File "book/onpolicy/vpg.md", line ' in result.stderr
    assert "spinup_lit/vpg.py" not in result.stderr


def test_an_environment_that_raises_gets_its_own_lines(tmp_path, monkeypatch, capsys):
    (tmp_path / "raising.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyError) as error:
        main(["vpg", "--env=raising:Raises-v0", f"--data_dir={tmp_path / 'data'}"])
    as_it_is = Mock(return_value=SimpleNamespace(stdout=""))
    monkeypatch.setattr(run, "subprocess", SimpleNamespace(run=as_it_is))
    run.print_traceback(error.type, error.value, error.tb)
    shown = capsys.readouterr().err
    names = re.findall(r'File "(.*)", line \d+, in (\w+)', shown)
    ours = str(tmp_path / "raising.py")
    assert names == [(ours, "step"), (ours, "pick")]
    assert re.search(r"KeyError: .*\n\(left out above: \d+ calls of spinup_lit", shown)
    assert not (tmp_path / "data").exists()


def test_a_bug_of_ours_keeps_all_its_lines():
    frames = [
        ("spinup_lit/vpg.py", 0),
        ("lib/gymnasium/vector/sync_vector_env.py", 1),
        ("mine/gymnasium_like.py", 0),
        ("lib/gymnasium/core.py", 1),
        ("lib/gymnasium/envs/mujoco/ant.py", 0),
    ]
    stack = [traceback.FrameSummary(name, 1, "f", line="") for name, _ in frames]
    for end, kept in ((1, 1), (2, 2), (3, 1), (4, 4), (5, 2)):
        some = stack[:end]
        assert end - run.fold(some) == len(some) == kept


def test_a_file_of_ones_own_is_an_algorithm(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = Path(vpg.__file__).read_text()
    Path("mine.py").write_text(source.replace("def vpg(", "def train_mine("))
    main(["./mine.py", "--epochs=2", "--exp_name=own", *TINY])
    run_dir = Path("data/own/own_s0")
    assert read_config(run_dir)["algorithm"] == str(tmp_path / "mine.py")
    config = read_config(run_dir) | {"epochs": 4}
    save_config(run_dir, config)
    monkeypatch.chdir(run_dir)
    main(["resume", "."])
    assert len(plot.read_progress(Path("progress.txt"))["Epoch"]) == 4
    main(["test_policy", ".", "--norender", "--episodes=2"])
    main(["plot", "."])
    assert "AverageEpRet" in capsys.readouterr().out
    save_config(Path("."), config | {"lamda": 0.5})
    with pytest.raises(
        SystemExit, match=r"gives lamda, which train_mine does not have"
    ):
        main(["resume", "."])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1", "it has none"),
        (
            "def f(output_dir, resume): ...\ndef g(output_dir, resume): ...",
            "it has f, g",
        ),
        ("x = = 1", r"own\.py:1: invalid syntax"),
    ],
)
def test_a_file_that_is_no_algorithm_says_why(source, message, tmp_path):
    (tmp_path / "own.py").write_text(source)
    with pytest.raises(UserError, match=message):
        launch.training_function(str(tmp_path / "own.py"))


@pytest.mark.parametrize(
    ("algorithm", "options", "message"),
    [
        ("vgp", {}, "there is no algorithm 'vgp'"),
        ("vpg", {"output_dir": "x"}, "output_dir cannot be given; data_dir and"),
        ("vpg", {"epochs": 0}, "epochs is 0"),
    ],
)
def test_a_mistake_in_python_leaves_no_folder(algorithm, options, message, tmp_path):
    with pytest.raises(UserError, match=message):
        launch.start(algorithm, data_dir=str(tmp_path), **options)
    assert list(tmp_path.iterdir()) == []


def test_numbers_may_be_those_of_numpy(tmp_path):
    seed, tiny = np.int64(3), {"num_envs": 2, "steps_per_epoch": 32, "epochs": 1}
    launch.start("vpg", data_dir=str(tmp_path), exp_name="e", seed=seed, **tiny)
    assert read_config(tmp_path / "e/e_s3")["seed"] == 3


def compare(first: Path, second: Path, /) -> None:
    """Print the arguments in which two runs differ.

    Args:
        first: folder of a run.
        second: folder of another run.
    """
    a, b = read_config(first), read_config(second)
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            print(f"{name}: {a.get(name)} | {b.get(name)}")


def test_solution_of_a_command_of_ones_own(variant, tmp_path, monkeypatch, capsys):
    module = ModuleType("spinup_lit.experiments.compare")
    module.compare = compare
    monkeypatch.setitem(sys.modules, module.__name__, module)
    run = variant("spinup_lit/run.py", "running:solution-compare-command")
    for name, lam in (("a", 0.9), ("b", 0.8)):
        (tmp_path / name).mkdir()
        save_config(tmp_path / name, {"algorithm": "vpg", "num_cpu": 1, "lam": lam})
    run.main(["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert capsys.readouterr().out == "lam: 0.9 | 0.8\n"
    with pytest.raises(SystemExit, match="is not the folder of a run"):
        run.main(["compare", str(tmp_path), str(tmp_path)])
