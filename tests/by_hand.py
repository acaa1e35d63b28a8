"""Certificates of consequences that are written by hand, put to the checker."""

from saddlecheck.theory.checker import positivity
from saddlecheck.theory.checker.tree import Damaged, parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.engines import certificates


def trees(*formulas):
    return [parse(serial.encode(f)) for f in formulas]


def proves(certificate, conclusion, *premises):
    """Whether the certificate proves that formulas of SymPy have the conclusion."""
    try:
        positivity.verify(trees(*premises), *trees(conclusion), certificate)
    except Damaged:
        return False
    return True


def verifies(about, certificate):
    """Whether the certificate proves a consequence as the store names it."""
    try:
        certificates.verify(about, certificate)
    except Damaged:
        return False
    return True


def raw(cls, lhs, rhs):
    return cls(lhs, rhs, evaluate=False)
