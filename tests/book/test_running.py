# tests/book/test_running.py: generated from book/practice/running.md; edit the chapter. sha256:69701b15df08d77c
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
from inspect import signature
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import Mock

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from psutil import Process, process_iter, wait_procs

import spinup_lit
from spinup_lit import run, vpg
from spinup_lit.experiments import plot
from spinup_lit.machinery import launch, mpi
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


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The folder of a run that has learned a little."""
    data_dir = tmp_path_factory.mktemp("data")
    launch.start("vpg", data_dir=data_dir, epochs=3)
    (config,) = data_dir.rglob("config.json")
    return config.parent


def test_runs_that_start_together_get_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(launch.new_run_dir, tmp_path, "e", 7) for _ in range(20)]
    names = ["e_s7", *(f"e_s7_{i}" for i in range(2, 21))]
    assert {f.result() for f in made} == {tmp_path / "e" / name for name in names}


@pytest.mark.parametrize("taken", ["", "e", "e/e_s0"])
def test_a_file_in_the_way_is_not_touched(taken, tmp_path):
    data_dir = tmp_path / "data"
    (data_dir / taken).parent.mkdir(parents=True, exist_ok=True)
    (data_dir / taken).write_text("mine")
    if taken == "e/e_s0":
        assert launch.new_run_dir(data_dir, "e", 0).name == "e_s0_2"
    else:
        with pytest.raises(UserError, match="cannot create the folder"):
            launch.new_run_dir(data_dir, "e", 0)
    assert (data_dir / taken).read_text() == "mine"


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
    main(["resume", str(run_dir), "--epochs=5"])
    assert "End of experiment" in capsys.readouterr().out
    assert read_config(run_dir)["epochs"] == 5
    whole = vpg.vpg(epochs=5).state_dict()
    for name, x in launch.load_agent(run_dir).state_dict().items():
        assert torch.equal(x, whole[name]), name


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
    main(["resume", str(run_dir)])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"hidden_sizes": [32]}, "agent"),
        ({"env": "Pendulum-v1"}, "agent"),
        ({"num_envs": 4}, "envs"),
        ({"algorithm": "trpo"}, None),
        ({"algorithm": "vgp"}, None),
    ],
)
def test_a_config_that_does_not_fit_gets_one_line(change, part, trained, tmp_path):
    run_dir = shutil.copytree(trained, tmp_path / "run")
    save_config(run_dir, read_config(run_dir) | {"epochs": 4} | change)
    message = f"the checkpoint in {run_dir} does not fit: its part {part!r} is not"
    with pytest.raises(
        SystemExit, match=message if part else "algorithm|config"
    ) as end:
        main(["resume", str(run_dir)])
    assert "\n" not in end.value.code
    if part == "agent":
        with pytest.raises(SystemExit, match=message):
            main(["test_policy", str(run_dir), "--norender"])


def test_a_run_for_which_there_is_no_room_leaves_no_folder(tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(os, "fsync", Mock(side_effect=full))
    with pytest.raises(SystemExit, match=r"cannot write .*config\.json: No space left"):
        main(["vpg", f"--data_dir={tmp_path}"])
    assert list(tmp_path.rglob("*_s0")) == []


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
    launching = {"exp_name", "data_dir", "num_cpu", "snapshots", "tensorboard"}
    assert shown == set(arguments) - {"output_dir", "resume"} | launching | {"help"}

    main(["vpg", "--lam=0.5", "--epochs=1", *TINY, "--data_dir", str(tmp_path / "a b")])
    run_dir = tmp_path / "a b" / "vpg_CartPole-v1" / "vpg_CartPole-v1_s0"
    assert f"{PROGRAM} plot '{run_dir}'\n" in capsys.readouterr().out
    config = read_config(run_dir)
    assert config["lam"] == 0.5 and config["hidden_sizes"] == [8]
    assert config["gamma"] == arguments["gamma"].default


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
        (
            "train",
            "there are ddpg, dqn, ppo, sac, td3, trpo, vpg, resume, plot, test_policy, results",
            1,
        ),
        ("vpg --gama 0.9", "--gamma FLOAT", 2),
        ("vpg help", "Unrecognized options: help", 2),
        ("vpg --epochs", "Missing value for argument '--epochs'", 2),
        ("vpg --epochs many", "Error parsing --epochs", 2),
        ("vpg --epochs 1.5", "Error parsing --epochs", 2),
        ("vpg --epochs -3", "epochs is -3", 1),
        ("vpg --gamma 1.7", "gamma is 1.7", 1),
        ("vpg --hidden_sizes 64 0", "hidden_sizes is (64, 0)", 1),
        ("./nowhere.py", "there is no file nowhere.py", 1),
        ("vpg --env CartPoll-v1", "Did you mean: `CartPole`?", 1),
        ("vpg --env missing_package:Env-v0", "missing_package", 1),
        ("vpg --env CarRacing-v3", "observations must be vectors", 1),
        ("vpg --num_cpu 0", "num_cpu is 0; this machine can run 1 to 4", 1),
        ("vpg --num_cpu 99", "num_cpu is 99; this machine can run 1 to 4", 1),
        ("vpg --num_cpu 3", "num_envs is 8", 1),
        ("vpg --exp_name a/b", "it names one folder", 1),
        ("vpg --data_dir taken", "cannot create the folder taken", 1),
        ("resume", "Missing from", 2),
        ("resume taken", "taken is not the folder of a run", 1),
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
    Path("taken").touch()
    Path("empty").mkdir()
    with pytest.raises(SystemExit) as end:
        main(line.split())
    one_line = isinstance(end.value.code, str)
    assert message in (end.value.code if one_line else capsys.readouterr().err)
    assert status == (1 if one_line else end.value.code)
    assert {path.name for path in tmp_path.rglob("*")} == {"taken", "empty"}


def test_a_terminal_need_not_know_all_letters(tmp_path, monkeypatch):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    main(
        ["vpg", "--epochs=1", *TINY, f"--data_dir={tmp_path}", "--exp_name=Läufer-бег"]
    )
    assert rb"L\xe4ufer-\u0431\u0435\u0433_s0" in screen.buffer.getvalue()
    assert (tmp_path / "Läufer-бег/Läufer-бег_s0/checkpoint.pt").exists()


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
