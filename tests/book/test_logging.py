# tests/book/test_logging.py: generated from book/machinery/logging.md; edit the chapter. sha256:6a2c3c2ea4379c9d
"""Checks of the chapter on what a run leaves behind."""

import copy
import errno
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn

from spinup_lit.machinery import display, mpi
from spinup_lit.machinery.checkpoint import Checkpoint
from spinup_lit.machinery.display import Display, small_curve
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.logger import (
    Logger,
    Row,
    read_config,
    save_config,
    summary,
    write_atomically,
)
from spinup_lit.machinery.segments import Segments


@pytest.mark.parametrize("crash_in", ["os.fsync", "pathlib.Path.replace"])
def test_a_crash_leaves_the_old_file_whole(tmp_path, monkeypatch, crash_in):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with monkeypatch.context() as patch, pytest.raises(SystemError, match="no power"):
        patch.setattr(crash_in, Mock(side_effect=SystemError("no power")))
        write_atomically(path, b"new and longer")
    assert path.read_bytes() == b"old"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.open"])
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    logger = Logger(tmp_path)
    logger.log(a_row(0))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    progress = tmp_path / "progress.txt"
    with monkeypatch.context() as patch:
        patch.setattr(step, Mock(side_effect=full))
        message = rf"cannot write {progress}: No space left on device\. What was there"
        with pytest.raises(UserError, match=message):
            write_atomically(progress, b"new")
        if step != "os.fsync":
            with pytest.raises(UserError, match=message):
                logger.log(a_row(1))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_config_is_json_with_versions(tmp_path):
    asked = {"algorithm": "vpg", "num_cpu": 1, "hidden_sizes": (64, 64)}
    save_config(tmp_path, asked)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["hidden_sizes"] == [64, 64]
    assert config["versions"]["numpy"] == np.__version__
    assert set(config["versions"]) >= {"torch", "gymnasium", "python", "spinup_lit"}
    assert read_config(tmp_path) == config


def test_config_is_strict_json_and_keeps_infinity(tmp_path):
    limits = {"limit": np.inf, "clip": [1.0, -np.inf], "size": np.float32(np.inf)}
    asked = {"algorithm": "ppo", "num_cpu": np.int64(1), **limits}
    save_config(tmp_path, asked)

    def refuse(constant):
        raise AssertionError(constant)

    text = (tmp_path / "config.json").read_text()
    assert json.loads(text, parse_constant=refuse)["limit"] == "inf"
    config = read_config(tmp_path)
    assert config.items() >= {**limits, "size": np.inf}.items()
    then = {**config["versions"], "torch": "1.0"}
    save_config(tmp_path, {**config, "versions": then})
    assert read_config(tmp_path)["versions"] == then
    (tmp_path / "config.json").write_text(text.replace('"inf"', "Infinity"))  # as once
    assert read_config(tmp_path) == config


def test_config_errors_name_the_file(tmp_path):
    with pytest.raises(UserError, match="not the folder of a run"):
        read_config(tmp_path)
    (tmp_path / "config.json").write_text('{"env": ')
    with pytest.raises(UserError, match="is damaged"):
        read_config(tmp_path)
    (tmp_path / "config.json").write_text('{"name": "of another program"}')
    with pytest.raises(UserError, match="does not describe a run"):
        read_config(tmp_path)


def test_summary_by_hand():
    row = summary("EpRet", np.array([1.0, 2.0, 6.0]))
    assert list(row) == ["AverageEpRet", "StdEpRet", "MaxEpRet", "MinEpRet"]
    assert list(row.values()) == pytest.approx([3, (14 / 3) ** 0.5, 6, 1])
    assert all(np.isnan(value) for value in summary("EpRet", np.array([])).values())


def read_back(folder: Path) -> np.ndarray:
    return np.genfromtxt(folder / "progress.txt", delimiter="\t", names=True)


def a_row(epoch: int, ret: float = 1.5) -> Row:
    steps = (epoch + 1) * 1_234_567_890
    return {
        "Epoch": epoch,
        "AverageEpRet": ret,
        "TotalEnvInteracts": steps,
        "Time": 2.0 * epoch,
    }


def test_rows_come_back(tmp_path):
    logger = Logger(tmp_path / "new" / "run")
    logger.log(a_row(0, np.nan))
    logger.log(a_row(1, 1 / 3))
    table = read_back(tmp_path / "new" / "run")  # while the run goes on
    assert table.dtype.names == ("Epoch", "AverageEpRet", "TotalEnvInteracts", "Time")
    assert np.isnan(table["AverageEpRet"][0])
    assert table["AverageEpRet"][1] == pytest.approx(1 / 3, rel=1e-9)
    assert table["TotalEnvInteracts"].tolist() == [1_234_567_890, 2_469_135_780]
    header, first, _ = (tmp_path / "new/run/progress.txt").read_text().splitlines()
    assert header == "Epoch\tAverageEpRet\tTotalEnvInteracts\tTime"
    assert first == "0\t\t1234567890\t0"


def test_the_first_row_fixes_the_columns(tmp_path):
    logger = Logger(tmp_path)
    logger.log(a_row(0))
    with pytest.raises(ValueError, match="AverageEpRett"):
        logger.log({"AverageEpRett": 1.0})
    assert read_back(tmp_path).shape == ()


def test_resuming_drops_the_rows_after_the_checkpoint(tmp_path):
    logger = Logger(tmp_path)
    for epoch in range(4):
        logger.log(a_row(epoch, ret=10))
    resumed = Logger(tmp_path, done=2)
    assert read_back(tmp_path)["Epoch"].tolist() == [0, 1]
    resumed.log(a_row(2, ret=20))
    assert read_back(tmp_path)["AverageEpRet"].tolist() == [10, 10, 20]
    Logger(tmp_path)
    assert (tmp_path / "progress.txt").read_text() == ""


def test_only_rank_0_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(mpi, "proc_id", lambda: 1)
    Logger(tmp_path).log(a_row(0))
    Logger(None).log(a_row(0))
    assert list(tmp_path.iterdir()) == []


def show(rows: list[Row], total: int) -> None:
    """Let a display see these rows, as those of a run of so many epochs."""
    with Display() as screen:
        for row in rows:
            epoch = int(row["Epoch"])
            screen.look(SimpleNamespace(row=row, epoch=epoch, total=total))


def test_without_a_terminal_a_line_now_and_then(capsys):
    show([a_row(epoch) | {"Time": 0.3 * epoch} for epoch in range(200)], total=200)
    lines = capsys.readouterr().out.splitlines()
    assert 30 < len(lines) < 50
    words = "epoch 1/200 steps 1,234,567,890 AverageEpRet 1.50 0.0 s"
    assert " ".join(lines[0].split()) == words
    assert lines[-1].startswith("epoch  200/200")


@pytest.mark.parametrize("many", [3, 200])
def test_a_run_whose_episodes_never_end_is_told_so_once(many, monkeypatch):
    steps = [row["TotalEnvInteracts"] for row in map(a_row, range(200))]
    monkeypatch.setattr(display, "MANY", steps[many - 1])
    rows = [a_row(epoch, ret=np.nan) for epoch in range(200)]
    with pytest.warns(UserWarning, match="no episode has ended") as warned:
        show(rows, total=200)
    assert len(warned) == 1
    assert f"in {steps[many - 1]:,} steps" in str(warned[0].message)


def test_a_run_whose_episodes_end_is_not_told_so(recwarn):
    show([a_row(0, np.nan) | {"TotalEnvInteracts": 64}, a_row(1)], total=2)
    assert not recwarn


@pytest.mark.filterwarnings("ignore:no episode")
def test_on_a_terminal_a_table_and_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", screen)
    for rows in ([a_row(0, ret=np.nan)], [a_row(0, ret=2.0), a_row(1, ret=0.123456)]):
        show(rows, total=4)
    shown = screen.getvalue()
    for text in ("AverageEpRet", "0.1235", "2,469,135,780", "2/4", "left"):
        assert text in shown
    assert "2 █▁ 0.1235" in shown
    assert "1,234,567,890 steps/s" in shown  # 2,469,135,780 in 2 seconds
    assert "nan" not in shown
    hide, reveal = "\x1b[?25l", "\x1b[?25h"  # the cursor
    assert shown.count(hide) == shown.count(reveal) == 2


def test_a_small_curve_has_the_means_of_equal_parts():
    assert small_curve([0, 7], 40) == "▁█"
    assert small_curve([0, 0, 1, 1, 7, 7, 3, 4], 4) == "▁▂█▅"
    assert small_curve([5.0, 5.0, 5.0], 2) == "▁▁"
    assert len(small_curve(list(np.random.default_rng(0).normal(size=999)), 40)) == 40


def test_the_curve_goes_on_with_the_run():
    first, second = Display(), Display()
    for epoch in range(3):
        first.look(SimpleNamespace(row=a_row(epoch, epoch), epoch=epoch, total=9))
    second.load_state_dict(first.state_dict())
    second.look(SimpleNamespace(row=a_row(3, 9.0), epoch=3, total=9))
    assert second.state_dict() == {"returns": [0, 1, 2, 9]}


def test_a_terminal_that_knows_no_bars_gets_none():
    screen = Display()
    screen._returns = [1.0, 2.0]
    screen._console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert screen._curve().plain == ""


class Training:
    """A model, its optimiser, and something that every rank has for itself."""

    def __init__(self, folder: Path | None, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = nn.Linear(3, 1)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=0.1)
        self.own = nn.Linear(1, 1)
        shared = {"model": self.model, "adam": self.adam}
        self.checkpoint = Checkpoint(folder, shared, {"own": self.own})

    def run(self, steps: int) -> None:
        for _ in range(steps):
            loss = (self.model(torch.randn(8, 3)) - 1).square().mean()
            self.adam.zero_grad()
            loss.backward()
            self.adam.step()


def test_a_resumed_run_is_the_same_bit_for_bit(tmp_path):
    first, second = Training(tmp_path, seed=1), Training(tmp_path, seed=2)
    torch.manual_seed(3)
    first.run(5)
    first.checkpoint.save(5, 12.5)
    first.run(5)
    torch.manual_seed(4)
    assert second.checkpoint.load() == (5, 12.5)
    second.run(5)
    assert torch.equal(first.model.weight, second.model.weight)
    assert torch.equal(first.model.bias, second.model.bias)
    assert torch.equal(first.own.weight, second.own.weight)
    moments = [t.adam.state_dict()["state"][0]["exp_avg"] for t in (first, second)]
    assert torch.equal(*moments)


def test_every_rank_gets_its_own_part(tmp_path, monkeypatch):
    training = Training(tmp_path, seed=1)
    other = {"own": nn.Linear(1, 1).state_dict(), "torch": torch.get_rng_state()}
    monkeypatch.setattr(mpi, "gather_objects", lambda mine: [mine, other])
    training.checkpoint.save(1, 0.0)
    with pytest.raises(UserError, match="written by 2 ranks"):
        training.checkpoint.load()
    monkeypatch.setattr(mpi, "num_procs", lambda: 2)
    monkeypatch.setattr(mpi, "proc_id", lambda: 1)
    torch.manual_seed(99)
    training.checkpoint.load()
    assert torch.equal(training.own.weight, other["own"]["weight"])
    assert torch.equal(torch.get_rng_state(), other["torch"])


def test_a_checkpoint_holds_no_code(tmp_path):
    class Malicious:
        def __reduce__(self):
            return (print, ("this would run",))

    path = tmp_path / "checkpoint.pt"
    torch.save({"ranks": [Malicious()]}, path)
    with pytest.raises(UserError, match="is damaged or not ours"):
        Training(tmp_path, seed=1).checkpoint.load()


def test_a_new_run_does_not_mix_with_an_old_one(tmp_path):
    Training(tmp_path, seed=1).checkpoint.save(1, 0.0)
    with pytest.raises(UserError, match="holds a run already"):
        Logger(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_damaged_checkpoint_is_named(tmp_path):
    training = Training(tmp_path, seed=1)
    training.checkpoint.save(1, 0.0)
    whole = (tmp_path / "checkpoint.pt").read_bytes()
    for broken in (b"", b"nonsense", whole[: len(whole) // 2]):
        (tmp_path / "checkpoint.pt").write_bytes(broken)
        with pytest.raises(UserError, match=r"checkpoint\.pt is damaged"):
            training.checkpoint.load()


def test_without_a_folder_nothing_is_saved(tmp_path):
    Training(None, seed=1).checkpoint.save(1, 0.0)
    for folder in (None, tmp_path):
        with pytest.raises(UserError, match="no checkpoint to resume from"):
            Training(folder, seed=1).checkpoint.load()


class Numbers:
    """A ring of so many rows, which are numbers and pairs."""

    def __init__(self, size):
        self.rows = torch.zeros(size), torch.zeros(size, 2, dtype=torch.int64)
        self.total = 0

    def add(self, count):
        for i in range(self.total, self.total + count):
            for column in self.rows:
                column[i % len(column)] = i + 1
        self.total += count

    def state_dict(self):
        return {"total": self.total}

    def load_state_dict(self, state):
        self.total = state["total"]


def saved(ring, folder):
    return Checkpoint(folder, {}, {"replay": ring})


def assert_same_rows(folder, ring):
    again = Numbers(len(ring.rows[0]))
    saved(again, folder).load()
    assert again.total == ring.total
    assert all(map(torch.equal, again.rows, ring.rows))


@pytest.mark.parametrize("step", [1, 3, 7, 10, 11, 25])
def test_a_ring_comes_back_whatever_was_added_between_checkpoints(tmp_path, step):
    ring = Numbers(10)
    checkpoint = saved(ring, tmp_path)
    for epoch in range(12):
        ring.add(step)
        checkpoint.save(epoch, 0.0)
        assert_same_rows(tmp_path, ring)
        on_disk = sum(np.load(file)["arr_0"].size for file in tmp_path.glob("*.npz"))
        assert on_disk <= 10 + min(step, 10)  # the ring, and a segment more


@pytest.mark.parametrize("moment", ["gather_objects", "drop"])
def test_a_process_killed_in_a_checkpoint_loses_no_row(tmp_path, monkeypatch, moment):
    class Killed(Exception):
        pass

    ring = Numbers(10)
    checkpoint = saved(ring, tmp_path)
    for epoch in (1, 2, 3):
        ring.add(4)
        checkpoint.save(epoch, 0.0)
    before = copy.deepcopy(ring)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        owner = mpi if moment == "gather_objects" else Segments
        patch.setattr(owner, moment, Mock(side_effect=Killed))
        ring.add(4)
        checkpoint.save(4, 0.0)
    assert_same_rows(tmp_path, before if moment == "gather_objects" else ring)
    resumed = Numbers(10)  # and it goes on, with another rhythm
    checkpoint = saved(resumed, tmp_path)
    checkpoint.load()
    for epoch in (5, 6):
        resumed.add(6)
        checkpoint.save(epoch, 0.0)
        assert_same_rows(tmp_path, resumed)


def test_rows_that_are_missing_or_damaged_are_missed(tmp_path):
    ring = Numbers(10)
    checkpoint = saved(ring, tmp_path)
    for epoch in (1, 2):
        ring.add(4)
        checkpoint.save(epoch, 0.0)
    file = tmp_path / "replay-0-4.npz"
    whole = file.read_bytes()
    for broken in (b"", b"nonsense", whole[: len(whole) // 2]):
        file.write_bytes(broken)
        with pytest.raises(UserError, match=r"replay-0-4\.npz is damaged"):
            checkpoint.load()
    file.unlink()
    with pytest.raises(UserError, match="the rows 0 to 8 of the replay buffer"):
        checkpoint.load()
