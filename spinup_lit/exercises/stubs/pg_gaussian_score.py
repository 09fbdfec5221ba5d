# spinup_lit/exercises/stubs/pg_gaussian_score.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:0c42aaeaf3612671
"""The score of a Gaussian.

A policy draws a number from a normal distribution with the mean mu and the deviation
exp(log_std):

    log pi(act) = -1/2 ((act - mu) / exp(log_std))^2 - log_std - 1/2 log(2 pi).

Derive its derivatives in mu and in log_std, with a pencil. The form does not matter:
they are compared at random points.
"""

import numpy as np


def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
    """The derivative of log pi(act) in the mean. All arrays are (B,)."""
    raise NotImplementedError


def score_log_std(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
    """The derivative of log pi(act) in log_std. All arrays are (B,)."""
    raise NotImplementedError
