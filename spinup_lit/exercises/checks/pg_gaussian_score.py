# spinup_lit/exercises/checks/pg_gaussian_score.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:c3cbf9b524e2802c
"""Checks of the exercise `pg-gaussian-score`."""

import numpy as np
import torch
from torch.distributions import Normal

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The score of a Gaussian",
    chapter="start/policy-gradients",
    kind="derive",
    difficulty=2,
    minutes=15,
    hints=(
        "Only the square depends on mu. In log_std there are two terms.",
        "The deviation is exp(log_std), whose derivative is itself. So differentiate "
        "((act - mu) exp(-log_std))^2.",
        "Check: at act = mu the first score is 0, and the second is -1.",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """An action two deviations above the mean, and one at the mean."""
    for act, mu, std, in_mu, in_log_std in ((1, 0, 0.5, 4, 3), (2, 2, 3, 0, -1)):
        point = np.array([act]), np.array([mu]), np.log([std])
        where = f"act {act}, mu {mu}, deviation {std}"
        yield Case(f"score_mu at {where}", answer.score_mu(*point), [in_mu])
        yield Case(
            f"score_log_std at {where}", answer.score_log_std(*point), [in_log_std]
        )


def properties(answer: Answer) -> Cases:
    """Scores are zero on average."""
    x, weights = np.polynomial.hermite_e.hermegauss(20)
    chance = weights / weights.sum()
    mu, log_std = np.full(20, 0.7), np.full(20, -0.4)
    point = mu + np.exp(log_std) * x, mu, log_std
    for name in ("score_mu", "score_log_std"):
        mean = chance @ getattr(answer, name)(*point)
        yield Case(f"the mean of {name} over actions, mu 0.7, log_std -0.4", mean, 0.0)


def oracle(answer: Answer) -> Cases:
    """What PyTorch says, which has never seen the formula."""
    rng = np.random.default_rng(1)
    act, mu, log_std = rng.normal(size=(3, 50))
    leaves = [torch.tensor(x, requires_grad=True) for x in (mu, log_std)]
    logp = Normal(leaves[0], leaves[1].exp()).log_prob(torch.tensor(act))
    expected = torch.autograd.grad(logp.sum(), leaves)
    for name, right in zip(("score_mu", "score_log_std"), expected):
        got = getattr(answer, name)(act, mu, log_std)
        yield Case(f"{name} at 50 random points", got, right, rtol=1e-6)
