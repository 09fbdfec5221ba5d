# spinup_lit/exercises/known/trpo_fisher_product.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:9c2b4d3338f52713
"""Known answers to the exercise `trpo-fisher-product`."""

from collections.abc import Callable

import torch
from torch.autograd.functional import jacobian
from torch.distributions import Categorical, kl_divergence

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """One policy stands still, the other moves: where they agree, the divergence has a
    minimum, and its curvature there is F."""

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp.detach()
        kl = (old.exp() * (old - logp)).sum(-1).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class Library(Right):
    """The divergence by PyTorch, and two derivatives at once."""

    def fisher_vector(logits_of, theta, v):
        with torch.no_grad():
            old = Categorical(logits=logits_of(theta))

        def kl(theta):
            return kl_divergence(old, Categorical(logits=logits_of(theta))).mean()

        return torch.autograd.functional.vhp(kl, theta, v)[1]


class Jacobian(Right):
    """J' M J v, with the Fisher matrix M of a softmax in its logits."""

    def fisher_vector(logits_of, theta, v):
        J = jacobian(logits_of, theta)  # (B, A, n)
        p = torch.softmax(logits_of(theta), -1)
        u = J @ v
        u = p * (u - (p * u).sum(-1, keepdim=True))
        return torch.einsum("ban,ba->n", J, u) / len(p)


class NotDetached(Mistake):
    """Both policies move with theta, so they always agree: your divergence is 0 everywhere,
    and so are all its derivatives. One of the two must be a constant."""

    rung = "by_hand"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp
        kl = (old.exp() * (old - logp)).sum(-1).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class SumOverStates(Mistake):
    """You have summed over the states. The divergence of a policy is the mean over states;
    with one state nobody notices."""

    rung = "by_hand"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp.detach()
        kl = (old.exp() * (old - logp)).sum()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class WrongSign(Mistake):
    """The sign: your function has a maximum where the policies agree. Its curvature is -F, and
    conjugate gradients would go astray."""

    rung = "by_hand"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp.detach()
        kl = (old.exp() * (logp - old)).sum(-1).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class MeanOverActions(Mistake):
    """You take a plain mean over the actions as well. They are weighted with their
    probabilities already: sum over them."""

    rung = "by_hand"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp.detach()
        kl = (old.exp() * (old - logp)).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class EqualWeights(Mistake):
    """Each action counts the same in your mean. In the divergence it counts as often as the
    old policy takes it. A fair coin does not show this."""

    rung = "oracle"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = torch.log_softmax(logits_of(theta), -1)
        old = logp.detach()
        kl = (old - logp).mean(-1).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product


class RawLogits(Mistake):
    """You have used logits for log-probabilities: the logarithm of the sum of exponentials,
    which has all the curvature in a softmax, is missing."""

    rung = "by_hand"

    def fisher_vector(
        logits_of: Callable[[torch.Tensor], torch.Tensor],
        theta: torch.Tensor,
        v: torch.Tensor,
    ) -> torch.Tensor:
        """The Fisher matrix times v, (n,)."""
        theta = theta.detach().requires_grad_()
        logp = logits_of(theta)
        old = logp.detach()
        kl = (old.exp() * (old - logp)).sum(-1).mean()
        (slope,) = torch.autograd.grad(kl, theta, create_graph=True)
        (product,) = torch.autograd.grad(slope @ v, theta)
        return product
