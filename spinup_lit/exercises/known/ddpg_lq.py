# spinup_lit/exercises/known/ddpg_lq.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:4d10456bf65bf00d
"""Known answers to the exercise `ddpg-lq`."""

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """A geometric series; the slope of a parabola, in which X is a constant; and a second
    series, over the states that are visited."""

    def cost(theta, A, B, c, gamma):
        G = A + B * theta
        return (1 + c * theta**2) / (1 - gamma * G**2)

    def slope(s, theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * X * G) * s

    def gradient(theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * X * G) / (1 - gamma * G**2)


class ByDerivative(Right):
    """The gradient as the derivative of the fraction -X, without the theorem."""

    def cost(theta, A, B, c, gamma):
        return (1 + c * theta * theta) / (1 - gamma * (A + B * theta) ** 2)

    def slope(s, theta, A, B, c, gamma):
        a, X = theta * s, (1 + c * theta**2) / (1 - gamma * (A + B * theta) ** 2)
        return -2 * c * a - 2 * gamma * X * B * (A * s + B * a)

    def gradient(theta, A, B, c, gamma):
        top, bottom = 1 + c * theta**2, 1 - gamma * (A + B * theta) ** 2
        d_bottom = -2 * gamma * B * (A + B * theta)
        return -(2 * c * theta * bottom - top * d_bottom) / bottom**2


class StepByStep(Right):
    """Sums of many terms instead of series."""

    def cost(theta, A, B, c, gamma):
        G = A + B * theta
        return sum((gamma * G**2) ** t for t in range(3000)) * (1 + c * theta**2)

    def slope(s, theta, A, B, c, gamma):
        G = A + B * theta
        X = sum((gamma * G**2) ** t for t in range(3000)) * (1 + c * theta**2)
        return -2 * (c * theta * s + gamma * X * G * B * s)

    def gradient(theta, A, B, c, gamma):
        G = A + B * theta
        visits = sum((gamma * G**2) ** t for t in range(3000))
        X = visits * (1 + c * theta**2)
        return -2 * visits * (c * theta + gamma * X * G * B)


class FreeActions(Mistake):
    """cost: you have forgotten what the actions cost: c theta^2 s^2 in each step."""

    rung = "by_hand"

    def cost(theta, A, B, c, gamma):
        G = A + B * theta
        return 1 / (1 - gamma * G**2)


class StateNotSquared(Mistake):
    """cost: the state shrinks by G in each step, so its *square* shrinks by G^2."""

    rung = "by_hand"

    def cost(theta, A, B, c, gamma):
        G = A + B * theta
        return (1 + c * theta**2) / (1 - gamma * G)


class ShortSighted(Mistake):
    """slope: you see only what the action itself costs. It also moves the next state, and that
    is what it is taken for."""

    rung = "by_hand"

    def slope(s, theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * c * theta * s


class Downhill(Mistake):
    """slope: the sign. The value is minus the cost."""

    rung = "by_hand"

    def slope(s, theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return 2 * (c * theta + gamma * B * X * G) * s


class OneStepAhead(Mistake):
    """slope: you count the cost of the next state for one step only. All of its future counts:
    the next state s' is worth -X s'^2."""

    rung = "by_hand"

    def slope(s, theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * G) * s


class FirstStateOnly(Mistake):
    """gradient: theta decides in *every* state that is visited, and you have counted the first.
    The theorem sums over time."""

    rung = "by_hand"

    def gradient(theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * X * G)


class SquareForgotten(Mistake):
    """gradient: step t contributes slope(s_t) times s_t. Both are in proportion to G^t, so the
    series has G^2."""

    rung = "by_hand"

    def gradient(theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * X * G) / (1 - gamma * G)


class MeanState(Mistake):
    """gradient: you weight the states by a distribution, as the formula is often printed. It is
    then 1 - gamma times the gradient: with gamma 1 nothing would be left."""

    rung = "by_hand"

    def gradient(theta, A, B, c, gamma):
        G = A + B * theta
        X = (1 + c * theta**2) / (1 - gamma * G**2)
        return -2 * (c * theta + gamma * B * X * G) * (1 - gamma) / (1 - gamma * G**2)
