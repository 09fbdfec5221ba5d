# spinup_lit/exercises/stubs/ddpg_twins.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:933e6e4604d50552
"""A second opinion.

Change DDPG, in its chapter book/offpolicy/ddpg.md, and run `make tangle`:

1. `ac.q` holds two critics that begin with other parameters, and returns the opinions of
   both, (2, B). `ac.q_target` is the slow copy of both.
2. `target` uses the smaller of the two slow opinions.
3. `critic_loss` is the sum of both mean squared errors.
4. The policy climbs the first critic.
5. `ac.value` is the smaller opinion, (N,).

Names and arguments of the functions stay as they are. Which of the chapter's tests fail
now, and are they right to? Instead of editing the chapter, you may copy ddpg.py and name
the path of your copy here.
"""

MODULE = "spinup_lit.ddpg"
