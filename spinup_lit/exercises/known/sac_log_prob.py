# spinup_lit/exercises/known/sac_log_prob.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:cec2f9fcca5a7955
"""Known answers to the exercise `sac-log-prob`."""

from math import log, pi

import torch
from torch.distributions import Normal
from torch.nn.functional import logsigmoid, softplus

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The density of u, divided by how much tanh and scale stretch; its logarithm in a form
    that rounding cannot destroy."""

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return (gauss - slope).sum(-1)


class BySigmoids(Right):
    """The slope of tanh is four times that of the sigmoid at 2u."""

    def squashed_logp(u, mu, log_std, reach):
        gauss = Normal(mu, log_std.exp()).log_prob(u)
        slope = 2 * log(2) + logsigmoid(2 * u) + logsigmoid(-2 * u)
        return (gauss - slope - reach.log()).sum(-1)


class ByExponentials(Right):
    """log(e^u + e^-u) by `logaddexp`."""

    def squashed_logp(u, mu, log_std, reach):
        gauss = Normal(mu, log_std.exp()).log_prob(u).sum(-1)
        cosh = torch.logaddexp(u, -u)
        return gauss - (log(4) - 2 * cosh).sum(-1) - reach.log().sum()


class DensityOfU(Mistake):
    """This is the density of u, before it is squashed. tanh crowds what is far out against the
    bounds, so actions are denser there: divide by the slope."""

    rung = "by_hand"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return gauss.sum(-1)


class ScaleLeftOut(Mistake):
    """This is the density of tanh(u). The action is `reach` times as wide, so its density is
    that much smaller. The entropy of an action in [-2, 2] comes out log 2 too small, and
    each step's target is off by the same constant: a tax on staying alive."""

    rung = "by_hand"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u))
        return (gauss - slope).sum(-1)


class WrongWay(Mistake):
    """The sign of the correction: where the map stretches, the same probability covers more
    room, so the density is *divided* by the slope."""

    rung = "by_hand"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return (gauss + slope).sum(-1)


class Rounded(Mistake):
    """The formula is right, and the computer rounds: from about u = 9 on, tanh(u)^2 is 1 in
    float32, and the logarithm of 0 is infinite. One such action spoils the whole batch."""

    rung = "properties"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = (1 - u.tanh() ** 2).log() + reach.log()
        return (gauss - slope).sum(-1)


class SmallNumber(Mistake):
    """A small number in the logarithm keeps it finite, and makes it wrong: at u = 10 the true
    logarithm is -18.6, and yours cannot go below -13.8. Nor has it a slope there, which
    would drive the policy back from the bound."""

    rung = "properties"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = (1 - u.tanh() ** 2 + 1e-6).log() + reach.log()
        return (gauss - slope).sum(-1)


class OnePerPart(Mistake):
    """A density for each part. Parts are independent, so the density of the action is their
    product: add up the logarithms over the last axis."""

    rung = "shapes"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return gauss - slope


class MeanOverParts(Mistake):
    """You average over the parts of an action. The logarithm of a product is a sum."""

    rung = "by_hand"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return (gauss - slope).mean(-1)


class Detached(Mistake):
    """The numbers are right, and the gradient is not: somewhere the path from u, mu or log_std
    is cut. SAC's policy learns by the gradient that runs through all of them."""

    rung = "gradients"

    def squashed_logp(u, mu, log_std, reach):
        z = ((u - mu) / log_std.exp()).detach()
        gauss = -(z**2) / 2 - log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return (gauss - slope).sum(-1)


class TwiceTheDeviation(Mistake):
    """A normal density is divided by its deviation once, in the exponent by its square: minus
    log_std, not minus twice as much."""

    rung = "by_hand"

    def squashed_logp(u, mu, log_std, reach):
        z = (u - mu) / log_std.exp()
        gauss = -(z**2) / 2 - 2 * log_std - log(2 * pi) / 2
        slope = 2 * (log(2) - u - softplus(-2 * u)) + reach.log()
        return (gauss - slope).sum(-1)
