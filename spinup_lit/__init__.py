# spinup_lit/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:2366335378207826
"""Deep reinforcement learning as a literate program: the package of the book.

Algorithms, one complete file each: `vpg`, `trpo`, `ppo`; `dqn`, `ddpg`, `td3`, `sac`.

    first        the first programs, a hundred lines each
    machinery    what every run needs: environments, ranks, logs, checkpoints
    experiments  what is done with runs: results, figures, plots, watching
    exact        exact answers in small worlds
    run          the command line: python -m spinup_lit.run
"""

__version__ = "0.1.0"
