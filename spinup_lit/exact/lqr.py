# spinup_lit/exact/lqr.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:6410fccaa266ab12
"""Exact answers in a world of continuous actions: the linear-quadratic regulator."""

from dataclasses import dataclass

import numpy as np

from spinup_lit.machinery.errors import UserError, require


@dataclass(frozen=True, eq=False)
class LQR:
    """A world of vectors: s' = A s + B a, and the reward is -(s' Cs s + a' Ca a)."""

    A: np.ndarray  # (n, n)
    B: np.ndarray  # (n, m)
    Cs: np.ndarray  # (n, n) what a state costs
    Ca: np.ndarray  # (m, m) what an action costs, positive definite
    start: np.ndarray  # (n, n) second moments of the first state
    gamma: float  # discount factor

    def __post_init__(self) -> None:
        n, m = self.B.shape
        shapes = [x.shape for x in (self.A, self.Cs, self.start, self.Ca)]
        require(shapes == [(n, n)] * 3 + [(m, m)], "the matrices do not fit together")


def discounted_sum(first: np.ndarray, move: np.ndarray, gamma: float) -> np.ndarray:
    """The sum over t of gamma^t move^t first (move')^t."""
    growth = gamma * abs(np.linalg.eigvals(move)).max() ** 2
    require(
        bool(growth < 1 - 1e-12), "under this policy the sum of rewards is infinite"
    )
    equations = np.eye(first.size) - gamma * np.kron(move, move)
    total: np.ndarray = np.linalg.solve(equations, first.ravel())
    return total.reshape(first.shape)


def value_matrix(world: LQR, theta: np.ndarray) -> np.ndarray:
    """X, such that a state s is worth -s' X s under the policy theta s."""
    costs = world.Cs + theta.T @ world.Ca @ theta
    return discounted_sum(costs, (world.A + world.B @ theta).T, world.gamma)


def action_value(
    world: LQR, theta: np.ndarray, obs: np.ndarray, act: np.ndarray
) -> np.ndarray:
    """What actions (..., m) in states (..., n) are worth, (...), Eq. (lqr-values)."""
    X, following = value_matrix(world, theta), obs @ world.A.T + act @ world.B.T
    parts = ((world.Cs, obs), (world.Ca, act), (world.gamma * X, following))
    costs = [np.einsum("...i,ij,...j", x, C, x) for C, x in parts]
    return -np.asarray(sum(costs))


def slope_matrix(world: LQR, theta: np.ndarray) -> np.ndarray:
    """S, such that the slope of the action value at the policy's action is S s."""
    X, G = value_matrix(world, theta), world.A + world.B @ theta
    slope: np.ndarray = -2 * (world.Ca @ theta + world.gamma * world.B.T @ X @ G)
    return slope


def visits(world: LQR, theta: np.ndarray, std: float = 0.0) -> np.ndarray:
    """Y, the discounted sum over time of the second moments of the state."""
    G, noise = world.A + world.B @ theta, 0.0
    if std:
        noise = std**2 * world.gamma / (1 - world.gamma)
    return discounted_sum(world.start + noise * world.B @ world.B.T, G, world.gamma)


def objective(world: LQR, theta: np.ndarray, std: float = 0.0) -> float:
    """The discounted sum of rewards to expect, of actions theta s + std z."""
    X, noise = value_matrix(world, theta), 0.0
    if std:
        noise = std**2 / (1 - world.gamma)
    bend = world.Ca + world.gamma * world.B.T @ X @ world.B
    return -float(np.trace(X @ world.start) + noise * np.trace(bend))


def gradient(world: LQR, theta: np.ndarray, std: float = 0.0) -> np.ndarray:
    """The derivative of the objective in theta, by Eq. (ddpg-theorem)."""
    slope: np.ndarray = slope_matrix(world, theta) @ visits(world, theta, std)
    return slope


def greedy(world: LQR, X: np.ndarray) -> np.ndarray:
    """The policy whose actions are best if a state s will then be worth -s' X s."""
    bend = world.Ca + world.gamma * world.B.T @ X @ world.B
    theta: np.ndarray = np.linalg.solve(bend, -world.gamma * world.B.T @ X @ world.A)
    return theta


def best(world: LQR, steps: int = 100_000) -> np.ndarray:
    """The best policy of all, the limit of Eq. (lqr-best)."""
    X = world.Cs
    for _ in range(steps):
        theta = greedy(world, X)
        G, before = world.A + world.B @ theta, X
        X = world.Cs + theta.T @ world.Ca @ theta + world.gamma * G.T @ X @ G
        if np.allclose(X, before, rtol=1e-14, atol=1e-300):
            return theta
    raise UserError(f"no best policy was found in {steps:,} steps")
