# spinup_lit/exercises/checks/_quick.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:555a2fd763f272a6
"""Short trainings, to see an answer in its place."""

from spinup_lit import dqn
from spinup_lit.exercises import probes


def dqn_agent() -> dqn.DeepQ:
    """DQN after 600 steps of the signal."""
    return dqn.dqn(
        probes.SIGNAL,
        hidden_sizes=(16,),
        steps_per_epoch=300,
        epochs=2,
        start_steps=100,
        update_after=100,
        decay_steps=100,
        update_every=2,
        batch_size=32,
        lr=1e-2,
    )
