# tests/book/test_gpu.py: generated from book/machinery/gpu.md; edit the chapter. sha256:b9167f39bfa37d1f
"""Checks of the chapter on learning on a GPU, made without one."""

import re

import pytest
import torch
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from spinup_lit import ddpg, dqn, sac, td3
from spinup_lit.machinery import device, launch
from spinup_lit.machinery.device import Recording
from spinup_lit.machinery.errors import UserError


class Tape(TorchDispatchMode):
    """Writes down operations on tensors, and carries them out again in the same places."""

    def __init__(self, step, where):
        super().__init__()
        self.step, self.calls, self.operations = step, 0, []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert func != torch.ops.aten._local_scalar_dense.default, "a number is read"
        out = func(*args, **(kwargs or {}))
        if func.namespace == "aten":  # and not what a profiler would like to know
            self.operations.append((func, args, kwargs or {}, out))
        return out

    def __call__(self):
        self.calls += 1
        if self.calls <= Recording.WARM_UP:
            return self.step()
        if self.calls == Recording.WARM_UP + 1:
            with self:
                self.found = self.step()
        else:
            self.replay()
        return {name: x.clone() for name, x in self.found.items()}

    @torch.no_grad()
    def replay(self):
        for func, args, kwargs, out in self.operations:
            pairs = zip(tree_leaves(out), tree_leaves(func(*args, **kwargs)))
            for old, new in pairs:
                if old is not None and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class Plain:
    """Records nothing."""

    def __init__(self, step, where):
        self.step = step

    def __call__(self):
        return self.step()


ALGORITHMS = {"dqn": dqn.dqn, "ddpg": ddpg.ddpg, "td3": td3.td3, "sac": sac.sac}
SHORT = {
    "hidden_sizes": (8,),
    "batch_size": 4,
    "replay_size": 50,
    "steps_per_epoch": 40,
    "start_steps": 8,
    "update_after": 8,
    "num_test_episodes": 1,
    "epochs": 2,
}


def trained(name, **more):
    agent = ALGORITHMS[name](**{**SHORT, **more})
    return parameters_to_vector(agent.parameters()).detach()


@pytest.fixture
def as_on_a_gpu(monkeypatch):
    """Let the processor take the ways of a GPU."""
    monkeypatch.setattr(device, "records", lambda where: True)
    monkeypatch.setattr(device, "Recording", Plain)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_recorded_run_is_the_plain_one(name, as_on_a_gpu, monkeypatch):
    plain = trained(name)
    tapes = []
    monkeypatch.setattr(
        device, "Recording", lambda *x: tapes.append(Tape(*x)) or tapes[-1]
    )
    assert torch.equal(trained(name), plain)
    assert len(tapes) == (2 if name == "td3" else 1)
    assert all(tape.calls > 2 * Recording.WARM_UP for tape in tapes)


def test_the_tape_finds_a_number_that_is_read():
    tape = Tape(lambda: {"x": torch.tensor(torch.ones(2).sum().item())}, None)
    with pytest.raises(AssertionError, match="a number is read"):
        for _ in range(9):
            tape()


def test_the_tape_repeats_what_python_once_decided():
    turn, here = iter(range(99)), torch.zeros(2)
    tape = Tape(lambda: {"x": (here + next(turn)).sum()}, None)
    found = [tape()["x"].item() for _ in range(7)]
    assert found == [0, 2, 4, 6, 6, 6, 6]  # and not 8, 10, 12
    here += 1  # in its place: that is seen
    assert tape()["x"] == 8
    here = here + 1  # elsewhere: that is not
    assert tape()["x"] == 8


@pytest.mark.parametrize("name", ["dqn", "td3"])
def test_a_decision_of_python_in_an_update_is_found(name, as_on_a_gpu, monkeypatch):
    frozen = {
        "dqn": (dqn, "set_rate", lambda adam, lr: adam.param_groups[0].update(lr=lr)),
        "td3": (td3, "int", lambda x: 1),
    }
    plain = trained(name)
    monkeypatch.setattr(device, "Recording", Tape)
    monkeypatch.setattr(*frozen[name], raising=False)
    assert not torch.equal(trained(name), plain)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_both_ways_lead_to_the_same_agent(name, monkeypatch, request):
    def draw(mirror, n):
        return torch.randint(min(mirror._ring.total, len(mirror.rows[0])), (n,))

    monkeypatch.setattr(device.Mirror, "draw", draw)
    usual = trained(name)
    request.getfixturevalue("as_on_a_gpu")
    torch.testing.assert_close(trained(name), usual, rtol=1e-4, atol=1e-5)


class Caught(Exception):
    """Carries an update out of a training function."""


def catch(where):
    """In place of `recorded`."""

    def decorate(step):
        raise Caught(step)

    return decorate


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_update_stays_on_its_device_and_reads_nothing(
    name, as_on_a_gpu, monkeypatch
):
    module = {"dqn": dqn, "ddpg": ddpg, "td3": td3, "sac": sac}[name]
    monkeypatch.setattr(module, "recorded", catch)
    monkeypatch.setattr(module, "adam", SGD)
    monkeypatch.setattr(sac.ActorCritic, "entropy_of", lambda *args: -1.0)
    with pytest.raises(Caught) as caught:
        ALGORITHMS[name].__wrapped__(**SHORT, device="meta")
    (step,) = caught.value.args
    for turn in [(False,), (True,)] if name == "td3" else [()] * 2:
        found = step(*turn)
        assert {x.device.type for x in found.values()} == {"meta"}


def test_what_is_saved_is_in_main_memory(as_on_a_gpu, monkeypatch):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3))
    device.settle(net, device.Mirror(Numbers(1)), "cpu")
    optimizer = device.adam(net.parameters(), 1e-3)
    net(torch.zeros(4, 2)).sum().backward()
    optimizer.step()
    monkeypatch.setattr(
        torch.Tensor, "cpu", lambda x: x.to("meta")
    )  # plays that memory
    saved = tree_leaves([net.state_dict(), optimizer.state_dict()])
    tensors = [x for x in saved if isinstance(x, torch.Tensor)]
    assert len(tensors) == 2 + 1 + 2 * 3  # parameters; rate; steps and two moments
    assert {x.device.type for x in tensors} == {"meta"}
    assert {x.device.type for x in net.parameters()} == {"cpu"}


def test_an_agent_of_a_gpu_is_loaded_where_there_is_none(tmp_path):
    launch.start("ddpg", data_dir=tmp_path, **{**SHORT, "epochs": 1})
    (config,) = tmp_path.glob("*/*/config.json")
    here = config.read_text()
    there = here.replace('"device": "cpu"', '"device": "cuda:7"')
    assert there != here
    config.write_text(there)
    agent = launch.load_agent(config.parent)
    saved = torch.load(config.with_name("checkpoint.pt"))["agent"]
    for name, x in agent.state_dict().items():
        assert torch.equal(x, saved[name])


def test_a_rate_changes_in_its_place(as_on_a_gpu):
    optimizer = device.adam([torch.nn.Parameter(torch.zeros(2))], 1e-3)
    rate = optimizer.param_groups[0]["lr"]
    device.set_rate(optimizer, 0.25)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate == 0.25


class Numbers:
    """A ring whose rows are their own numbers."""

    def __init__(self, size):
        self.rows, self.total = (torch.full((size,), -1), torch.full((size, 2), -1)), 0

    def add(self, n):
        for i in range(self.total, self.total + n):
            for column in self.rows:
                column[i % len(column)] = i
        self.total += n


@pytest.mark.parametrize("pieces", [(1,) * 12, (3, 0, 4, 5, 1, 2), (5, 10, 5), (23, 2)])
def test_a_mirror_holds_what_the_ring_holds(as_on_a_gpu, pieces):
    ring = Numbers(5)
    mirror = device.Mirror(ring)
    mirror.rows = [column.clone() for column in ring.rows]  # as elsewhere
    for n in pieces:
        ring.add(n)
        mirror.send()
        for there, here in zip(mirror.rows, ring.rows, strict=True):
            assert torch.equal(there, here)


def test_it_sends_only_what_is_new(as_on_a_gpu):
    ring = Numbers(5)
    mirror = device.Mirror(ring)
    ring.add(3)
    mirror.send()
    mirror.rows = [torch.zeros_like(column) for column in ring.rows]
    ring.add(4)
    mirror.send()
    assert mirror.rows[0].tolist() == [5, 6, 0, 3, 4]


def test_a_recorded_draw_sees_that_the_buffer_fills(as_on_a_gpu):
    torch.manual_seed(0)
    ring = Numbers(5)
    mirror = device.Mirror(ring)
    tape = Tape(lambda: {"which": mirror.draw(3000)}, None)
    for filled in (1, 1, 1, 2, 3, 4, 5, 5):
        ring.add(int(filled > ring.total))
        mirror.send()
        counts = tape()["which"].bincount(minlength=5)
        wanted = torch.tensor([3000 / filled] * filled + [0] * (5 - filled))
        torch.testing.assert_close(counts.float(), wanted, atol=150, rtol=0)


HERE = {"built": True, "available": True, "count": 2}


@pytest.mark.parametrize(
    ("asked", "ranks", "here", "message"),
    [
        ("gpu", 1, {}, "device is 'gpu'; it must be cpu, cuda, or cuda:N"),
        ("cuda:", 1, {}, "device is 'cuda:'; it must be cpu, cuda, or cuda:N"),
        ("cuda", 2, {}, "the run has 2 ranks; they average gradients"),
        ("cuda", 1, {"built": False}, "was built without CUDA; install one"),
        ("cuda", 1, {"available": False}, "finds no GPU here that it can use"),
        ("cuda:2", 1, {}, "there are 2 GPUs here, numbered from 0"),
    ],
)
def test_what_is_missing_is_said(asked, ranks, here, message, monkeypatch):
    here = {**HERE, **here}
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: here["built"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: here["available"])
    monkeypatch.setattr(torch.cuda, "device_count", lambda: here["count"])
    with pytest.raises(UserError, match=re.escape(message)) as error:
        device.check_device(asked, ranks)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("asked", ["cuda", "cuda:0", "cuda:1"])
def test_a_gpu_that_is_there_is_taken(asked, monkeypatch):
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    device.check_device(asked, 1)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_nothing_is_written_on_a_device_that_is_not(name, tmp_path):
    with pytest.raises(UserError, match="device is 'tpu'"):
        ALGORITHMS[name](**SHORT, device="tpu", output_dir=tmp_path / "run")
    assert not (tmp_path / "run").exists()
