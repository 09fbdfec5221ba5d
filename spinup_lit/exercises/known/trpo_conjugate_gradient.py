# spinup_lit/exercises/known/trpo_conjugate_gradient.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:0563aa49fa22665c
"""Known answers to the exercise `trpo-conjugate-gradient`."""

from collections.abc import Callable

import torch

from spinup_lit import trpo
from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Each direction is conjugate to all before, so no round spoils what another has done:
    n rounds solve n equations, and k rounds find the best x in a space of k directions."""

    conjugate_gradient = trpo.conjugate_gradient


class TrueResiduals(Right):
    """The residual computed anew in each round, with one more product."""

    def conjugate_gradient(product, b, iters):
        x, p, old = torch.zeros_like(b), None, None
        r = b
        for _ in range(iters):
            if r.norm() <= 1e-12 * b.norm():
                break
            p = r if p is None else r + (r @ r) / old * p
            old = r @ r
            Ap = product(p)
            x = x + old / (p @ Ap) * p
            r = r - old / (p @ Ap) * Ap
        return x


class OrthogonalDirections(Right):
    """Residuals made conjugate to all directions before, as Gram and Schmidt would."""

    def conjugate_gradient(product, b, iters):
        x, r, before = torch.zeros_like(b), b.clone(), []
        for _ in range(iters):
            if r.norm() <= 1e-9 * b.norm() or not b.any():
                break
            p = r.clone()
            for q, Aq in before:
                p -= (r @ Aq) / (q @ Aq) * q
            Ap = product(p)
            alpha = (r @ p) / (p @ Ap)
            x, r = x + alpha * p, r - alpha * Ap
            before.append((p, Ap))
        return x


class SteepestDescent(Mistake):
    """Your directions are the residuals themselves: this is steepest descent, each step of
    which spoils a part of the one before. The first round is the same."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = (r @ r) / squared
            p = r
            squared = r @ r
        return x


class ResidualGrows(Mistake):
    """The sign of the residual's update. x has moved by alpha p, so b - A x has lost
    alpha A p."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r + alpha * Ap
            beta = (r @ r) / squared
            p = r + beta * p
            squared = r @ r
        return x


class NeverStops(Mistake):
    """When the residual is zero, the next step divides 0 by 0. Stop when nothing is left to
    do, be it at once, because b is 0."""

    rung = "properties"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = (r @ r) / squared
            p = r + beta * p
            squared = r @ r
        return x


class OneRoundTooFew(Mistake):
    """You make one round too few."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(1, iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = (r @ r) / squared
            p = r + beta * p
            squared = r @ r
        return x


class BetaUpsideDown(Mistake):
    """beta is upside down: it is the new squared residual over the old one. Residuals shrink,
    and so do memories of old directions."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = squared / (r @ r).clamp(min=1e-30)
            p = r + beta * p
            squared = r @ r
        return x


class NoCurvature(Mistake):
    """You divide by p.p instead of p.Ap: the step does not know how curved the function is
    along p, which is all that the matrix is asked for."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = torch.zeros_like(b), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ p)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = (r @ r) / squared
            p = r + beta * p
            squared = r @ r
        return x


class StartNotZero(Mistake):
    """x begins at b, but the residual is that of x = 0. The two belong together: r = b - A x."""

    rung = "by_hand"

    def conjugate_gradient(
        product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
    ) -> torch.Tensor:
        """Solve A x = b approximately, given how to multiply by A.

        The error after so many rounds: Eq. (trpo-cg-bound).
        """
        x, r, p = b.clone(), b, b
        squared = r @ r
        rounding = torch.finfo(b.dtype).eps ** 2 * squared
        for _ in range(iters):
            if squared <= rounding:
                break
            Ap = product(p)
            alpha = squared / (p @ Ap)
            x = x + alpha * p
            r = r - alpha * Ap
            beta = (r @ r) / squared
            p = r + beta * p
            squared = r @ r
        return x
