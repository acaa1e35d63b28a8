"""What stands in the kernel for a side condition that is taken out: see test_rules_have_teeth.py."""

import sympy as sp
from flint import arb

from saddlecheck.theory.checker import algebra
from saddlecheck.theory.claims import claim, kinds, obligations, steps
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import arithmetic, counterexample, smt

ENTAILS = smt.entails  # before a mutation


def forget():
    """What was found out about obligations and kinds is not remembered."""
    for remembered in (
        *(obligations.obligations, kinds.kind, kinds._shown, kinds._require_name),
        *(counterexample._model, algebra._identical),
    ):
        remembered.cache_clear()


def no_answer(*_args, **_kwargs):
    return None


def no_parts(*_args, **_kwargs):
    return iter(())


def everywhere(function):
    """A function taken to have a value, and to be smooth, everywhere."""
    return lambda patch: patch.setitem(obligations.FUNCTIONS, function, (no_parts, no_parts))


def patched(*changes):
    def mutate(patch):
        for module, name, value in changes:
            patch.setattr(module, name, value)

    return mutate


def unmoved(condition):
    """Substitution that leaves a condition where it stands."""
    return lambda e, at: e if condition(e) else put(e, at)


def captured(e, at):
    """Substitution that lets what is put in be bound."""
    return e.xreplace(dict(at))


def unbound(e, variable):
    """Jumps looked for among all symbols, bound ones with the free."""
    return [
        obligations.Obligation(sp.Ne(part.args[0], 0, evaluate=False))
        for part in sp.preorder_traversal(e)
        if isinstance(part, sp.sign) and variable in part.free_symbols
    ]


def power_of_anything(base, exponent, value):
    """A power 0 that is 1 whatever stands below it."""
    return arb(1) if value == 0 else arithmetic.power(base, exponent, value)


def simplified(inequality):
    return inequality.gts - inequality.lts


def yes_at_zero(premises, conclusion, engine, timeout=None):
    """Solvers that take the base of an induction for granted."""
    if not any(s.is_integer for s in conclusion.free_symbols):
        return smt.Answer("proved")
    return ENTAILS(premises, conclusion, engine, timeout)


def yes_beyond(premises, conclusion, engine, timeout=None):
    """Solvers that take the step of an induction for granted."""
    if any(s.is_integer for s in conclusion.free_symbols):
        return smt.Answer("proved")
    return ENTAILS(premises, conclusion, engine, timeout)


def shared_unknown(self, expr):
    """An exponential under the key of what it is equal to: a power that exists where the exponential does not."""
    key = sp.exp(sp.expand(expr.args[0]))
    if key not in self.opaque:
        self.side.append(f"(> {self._unknown(key, 'exp')} 0.0)")
    return self.opaque[key]


POSITIVE_IS_NATURAL = {**kinds._KINDS, "natural": {"positive": True}}
ANY_NAME = ((steps, "require_vocabulary", no_answer), (claim, "require_vocabulary", no_answer))
