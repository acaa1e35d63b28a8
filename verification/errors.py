"""What goes wrong in this package, beyond the builtins.

An exception is named for what is wrong, without "Error", and inherits the builtin that a caller already catches.
"""


class UnknownClaim(KeyError, ValueError):
    """An id that no claim has; the message names the nearest ids."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would put it in quotes


class BadCertificate(ValueError):
    """A file that cannot be read as a certificate; the message says why and what to do."""


class BadUserFile(ValueError):
    """A Python file of the user's that cannot be used; the message names file and line and says what to do."""


class UncheckedPage(ValueError):
    """A report whose verdict its own evidence does not support: no page is made of it."""


class AnalysisOutOfTime(TimeoutError):
    """Time ran out inside a computation that has nothing to show for itself; what was found before is kept."""
