# tests/book/test_parallel.py: generated from book/depth/parallel.md; edit the chapter. sha256:58596dea6f60c149
"""Checks of the chapter on parallel training; its ranks run this file, too."""

import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from ranks import on_ranks
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError

BATCH = torch.arange(36.0).sin().view(12, 3)


def small_network(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))


def gradient(net: nn.Module, rows: torch.Tensor, weight: float = 1.0) -> torch.Tensor:
    """The gradient of a mean over these rows, averaged over the ranks."""
    net.zero_grad()
    (weight * net(rows).square().mean()).backward()
    mpi.avg_grads(net.parameters())
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def descend(net: nn.Module, rows: torch.Tensor) -> torch.Tensor:
    """The parameters after 20 steps of gradient descent with momentum."""
    theta = parameters_to_vector(net.parameters()).detach()
    velocity = torch.zeros_like(theta)
    for _ in range(20):
        velocity = 0.9 * velocity + gradient(net, rows)
        theta = theta - 0.05 * velocity
        vector_to_parameters(theta, net.parameters())
    return theta


def what_a_rank_finds() -> dict:
    rank = mpi.proc_id()
    net = small_network(seed=rank)
    mpi.sync_params(net)
    norm = nn.BatchNorm1d(1)
    norm.running_mean.fill_(rank + 5)
    mpi.sync_params(norm)
    half = BATCH[6 * rank : 6 * rank + 6]
    uneven = BATCH[:9] if rank == 0 else BATCH[9:]
    found = {
        "params": parameters_to_vector(net.parameters()).detach(),
        "buffer": norm.running_mean,
        "equal": gradient(net, half),
        "unequal": gradient(net, uneven),
        "weighted": gradient(net, uneven, 2 * len(uneven) / len(BATCH)),
        "moments": mpi.mean_and_std(uneven.numpy()),
        "gathered": torch.from_numpy(mpi.gather(uneven.numpy())),
        "objects": mpi.gather_objects({"rank": rank, "of": mpi.num_procs()}),
        "average": mpi.avg(rank + 1.0),
    }
    found["trained"] = descend(net, half)
    return found


two_cores = pytest.mark.skipif(mpi.cores() < 2, reason="two ranks need two cores")


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Let the processes started here find the package from any folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(mpi.__file__).parents[2]))
        yield


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> list[dict]:
    """What each of two ranks finds."""
    folder = tmp_path_factory.mktemp("ranks")
    assert mpi.launch(2, [__file__, str(folder)]) == 0
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


@two_cores
def test_the_mean_of_equal_shards_is_the_full_batch(found):
    full = gradient(small_network(seed=0), BATCH)
    for rank in found:
        torch.testing.assert_close(rank["equal"], full, rtol=0, atol=1e-6)


@two_cores
def test_unequal_shards_need_weights(found):
    full = gradient(small_network(seed=0), BATCH)
    for rank in found:
        assert (rank["unequal"] - full).abs().max() > 1e-2
        torch.testing.assert_close(rank["weighted"], full, rtol=0, atol=1e-6)


@two_cores
def test_ranks_start_and_stay_identical(found):
    net = small_network(seed=0)
    assert torch.equal(found[0]["params"], parameters_to_vector(net.parameters()))
    assert torch.equal(found[0]["params"], found[1]["params"])
    assert torch.equal(found[0]["trained"], found[1]["trained"])
    assert found[1]["buffer"] == 5
    alone = descend(net, BATCH)
    assert (alone - found[0]["params"]).abs().max() > 0.1
    torch.testing.assert_close(found[0]["trained"], alone, rtol=0, atol=1e-5)


@two_cores
def test_ranks_see_the_data_of_all(found):
    for rank in found:
        assert torch.equal(rank["gathered"], BATCH)
        assert rank["objects"] == [{"rank": 0, "of": 2}, {"rank": 1, "of": 2}]
        assert rank["average"] == 1.5
        mean, std = rank["moments"]
        assert mean == pytest.approx(BATCH.double().mean().item(), rel=1e-12)
        assert std == pytest.approx(BATCH.double().numpy().std(), rel=1e-12)
    assert found[0]["moments"] == found[1]["moments"]


def test_mean_and_std_survive_a_large_offset():
    mean, std = mpi.mean_and_std(1e9 + np.array([0.0, 1.0, 2.0]))
    assert mean == 1e9 + 1
    assert std == pytest.approx((2 / 3) ** 0.5, rel=1e-12)


def test_one_process_needs_no_mpi():
    net = small_network(seed=0)
    before = parameters_to_vector(net.parameters()).clone()
    mpi.sync_params(net)
    assert torch.equal(parameters_to_vector(net.parameters()), before)
    assert (mpi.proc_id(), mpi.num_procs(), mpi.avg(3.0)) == (0, 1, 3.0)
    assert mpi.gather_objects("me") == ["me"]
    assert mpi.gather(np.arange(3)).tolist() == [0, 1, 2]
    code = "import sys; from spinup_lit.machinery import mpi; mpi.avg(1.0); print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "spinup_lit.machinery.mpi" in modules
    assert "mpi4py" not in modules


def test_a_foreign_mpiexec_or_a_variable_left_over_is_an_error(monkeypatch):
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "")
    monkeypatch.setenv("PMI_SIZE", "3")
    message = r"says PMI_SIZE=3, .* 3 ranks, but mpi4py sees 1\. .* unset it"
    with pytest.raises(UserError, match=message):
        mpi._world.__wrapped__()
    monkeypatch.setenv("PMI_SIZE", "many")
    with pytest.raises(UserError, match="PMI_SIZE=many; that must be a number"):
        mpi._world.__wrapped__()


@pytest.mark.parametrize("size", ["", "0", "1"])
def test_a_variable_that_says_nothing_means_to_be_alone(size, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", size)
    assert mpi._world.__wrapped__() is None


@two_cores
def test_ranks_that_take_turns_do_what_processes_do(found):
    for rank, theirs in enumerate(on_ranks(2, what_a_rank_finds)):
        assert theirs.keys() == found[rank].keys()
        for name, ours in found[rank].items():
            same = torch.equal if isinstance(ours, torch.Tensor) else operator.eq
            assert same(ours, theirs[name]), name


def test_each_rank_has_its_own_random_stream():
    def draw():
        torch.manual_seed(mpi.proc_id())
        numbers = []
        for _ in range(3):
            numbers.append(torch.rand(()).item())
            mpi.avg(0.0)
        return numbers

    expected = [
        torch.rand(3, generator=torch.Generator().manual_seed(r)) for r in (0, 1)
    ]
    assert on_ranks(2, draw) == [numbers.tolist() for numbers in expected]


def test_ranks_that_miss_each_other_are_found():
    with pytest.raises(RuntimeError, match="rank 1 waits, and the others have left"):
        on_ranks(2, lambda: mpi.proc_id() and mpi.avg(1.0))
    with pytest.raises(ZeroDivisionError):
        on_ranks(2, lambda: 1 / mpi.proc_id() + mpi.avg(1.0))
    with mpi.use(None):
        assert mpi.num_procs() == 1


@two_cores
@pytest.mark.parametrize("end", ["sys.exit('no')", "os.kill(os.getpid(), 9)"])
def test_one_failing_rank_ends_all(end, capfd):
    code = "import os, sys, time; from mpi4py.MPI import COMM_WORLD as ranks; "
    code += f"ranks.Barrier(); {end} if ranks.rank == 1 else time.sleep(20)"
    start = time.monotonic()
    status = mpi.launch(2, ["-c", code])
    assert status > 0
    assert time.monotonic() - start < 15
    assert f"error: a rank failed, status {status}" in capfd.readouterr().err


LAUNCHER = """
import signal, sys
from spinup_lit.machinery import mpi
signal.signal(signal.SIGINT, signal.default_int_handler)  # also if the tests run
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # in the background, or under nohup
for path in sys.argv[2:]:
    try:
        mpi.launch(2, ["-c", sys.argv[1], path])
    except BaseException as end:
        print(repr(end), flush=True)
"""
DOTS = """
import pathlib, sys, time
for _ in range(1000):
    time.sleep(0.02)
    pathlib.Path(sys.argv[1]).open("a").write(".")
"""


@pytest.mark.long
@two_cores
def test_no_rank_survives_a_signal(tmp_path):
    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    paths = [tmp_path / number.name for number in signals]
    run = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, DOTS, *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    for number, path in zip(signals, paths, strict=True):
        while not path.exists() and run.poll() is None:
            time.sleep(0.02)
        start = time.monotonic()
        os.killpg(run.pid, number)
    output, _ = run.communicate(timeout=30)
    assert time.monotonic() - start < 15
    assert output == "KeyboardInterrupt()\nSystemExit(143)\nSystemExit(129)\n"
    time.sleep(0.3)
    dots = [path.read_text() for path in paths]
    time.sleep(0.3)
    assert [path.read_text() for path in paths] == dots


if __name__ == "__main__":
    torch.save(what_a_rank_finds(), Path(sys.argv[1]) / f"{mpi.proc_id()}.pt")
