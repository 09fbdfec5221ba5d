# spinup_lit/exercises/stubs/results_first_ten.py: generated from book/practice/results.md; edit the chapter. sha256:6c2c93d894d9a1f7
"""The first ten to finish.

An episode lasts 1 step or 9 steps, each with probability 1/2, and its return is its
length. Ten copies of the environment play side by side; a copy that has finished begins
again at once. Somebody waits until ten episodes have finished, whichever they are, and
averages their returns. He does so many times.

An episode of this environment has a return of 5 on average. What is the average of *his*
averages? Do not compute: guess first, to within 0.4.
"""

MEAN: float | None = None  # the average of his averages
