# spinup_lit/exercises/checks/mpi_weights.py: generated from book/depth/parallel.md; edit the chapter. sha256:54879f6a099e0c87
"""Checks of the exercise `mpi-weights`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Unequal shards",
    chapter="depth/parallel",
    kind="derive",
    difficulty=2,
    minutes=15,
    hints=(
        "Write the mean over all samples as a sum over ranks of sums over their samples.",
        "What `avg_grads` does is (1/n) times the sum. Which factor turns sizes[i] / B into "
        "that?",
        "For the deviation: the mean of the squares over the batch, minus the square of "
        "the mean. Both can be had from the shards.",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """The example of the chapter: {8} and {0, 0, 0}."""
    yield Case("factors of sizes [1, 3]", answer.factors(np.array([1, 3])), [0.5, 1.5])
    got = answer.factors(np.array([4, 4, 4]))
    yield Case("factors of sizes [4, 4, 4]", got, [1.0, 1.0, 1.0])
    got = answer.joint_std(np.array([1, 3]), np.array([8.0, 0]), np.zeros(2))
    yield Case("joint_std of {8} and {0, 0, 0}", got, np.sqrt(12))
    got = answer.joint_std(np.array([2, 2]), np.zeros(2), np.array([3.0, 4]))
    yield Case("joint_std of {-3, 3} and {-4, 4}", got, np.sqrt(12.5))


def properties(answer: Answer) -> Cases:
    """One rank has nothing to correct, and a constant changes no deviation."""
    yield Case("factors of one rank", answer.factors(np.array([7])), [1.0])
    sizes, stds = np.array([2, 5, 9]), np.array([1.0, 2, 0.5])
    means = np.array([0.0, 3, -1])
    got = answer.joint_std(sizes, means + 100, stds)
    yield Case("all means 100 higher", got, answer.joint_std(sizes, means, stds))


def oracle(answer: Answer) -> Cases:
    """The whole batch in one place."""
    for seed, sizes in enumerate(([3, 5], [1, 2, 30], [10, 10, 10, 11])):
        rng = np.random.default_rng(seed)
        shards = [rng.normal(rng.normal(), rng.uniform(0.5, 3), n) for n in sizes]
        batch, means = np.concatenate(shards), np.array([x.mean() for x in shards])
        got = np.mean(answer.factors(np.array(sizes)) * means)
        yield Case(
            f"gradients of shards {sizes}, averaged", got, batch.mean(), rtol=1e-9
        )
        stds = np.array([x.std() for x in shards])
        got = answer.joint_std(np.array(sizes), means, stds)
        yield Case(f"joint_std of shards {sizes}", got, batch.std(), rtol=1e-9)
