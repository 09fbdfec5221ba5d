# spinup_lit/exercises/stubs/concepts_mean_return.py: generated from book/start/key-concepts.md; edit the chapter. sha256:57c60b1cdb31089c
"""The mean of a discounted return.

Every step pays r. After each step the episode goes on with probability c, 0 <= c < 1,
and ends else, independently of everything before; there is always a first step. The
return of an episode is r + gamma r + gamma^2 r + ..., as long as it lasts.

Find formulas, with a pencil. The form does not matter: they are compared at many points.
"""


def mean_length(c: float) -> float:
    """The mean number of steps of an episode."""
    raise NotImplementedError


def mean_return(r: float, c: float, gamma: float) -> float:
    """The mean of the discounted return."""
    raise NotImplementedError


def mean_return_cut(r: float, c: float, gamma: float, limit: int) -> float:
    """The same, if an episode that has lasted `limit` steps is cut there."""
    raise NotImplementedError
