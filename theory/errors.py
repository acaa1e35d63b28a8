"""What goes wrong in this package, beyond the builtins.

An exception is named for what is wrong, without "Error", and inherits the builtin that a caller already catches.
"""


class Unsupported(ValueError):
    """An expression that this arithmetic cannot evaluate at this point; the message says which part."""


class NoRule(ValueError):
    """A part of a formula that the kernel has no rule for: it may have no real value."""


class BadSymbol(ValueError):
    """A symbol that would not mean one thing to everybody who reads it."""


class Capture(ValueError):
    """A replacement that would change what a derivative is taken by."""


class Pole(ValueError):
    """A function that has no Taylor expansion at a point: a pole, or a branch point."""


class MalformedStep(ValueError):
    """A step that says nothing its rule could prove; the message names the step, the part and the remedy."""


class MalformedClaim(ValueError):
    """A claim whose parts do not fit together; the message names the claim, the part and the remedy."""


class Unreadable(ValueError):
    """A serialised expression that this version cannot read."""


class Untranslatable(ValueError):
    """A part of a claim that has no form in the proof assistant; the message names it."""


class BadLoss(ValueError):
    """A loss that cannot be read or used; the message says what, why and what to do, in one line.

    Example:
        >>> from saddlecheck.theory import BadLoss, Loss
        >>> try:
        ...     Loss("x^2")
        ... except BadLoss as error:
        ...     print(error)
        the character '^' is not part of a formula; powers are written **.
    """


class CannotCount(ValueError):
    """A system that an engine's counting does not cover; the message says why."""


class NoValue(ArithmeticError):
    """The formula has no value anywhere in the box."""


class GaveUp(RuntimeError):
    """An exact engine met a system that is too large for it."""


class Outgrown(RuntimeError):
    """A Groebner basis grew beyond what is computed where nothing can interrupt it."""


class TimedOut(BaseException):
    """Time is up; no Exception, so that no handler on the way takes it for a failure of its own."""


class BadRule(ValueError):
    """An optimiser's rule raises, returns what is no direction, or gives two answers at one point."""
