"""Claims that are not what they were when they were made, and parts that say another thing whenever they are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from quality.falsehoods.builders import Build, claim, eq, ge, gt, n, x, y, z

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.obligations import obligations
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal, Outcome, Premises

_HALF = sp.Rational(1, 2)
_WRONG = gt(x, x + y**2 + 1)
_SQUARES = gt(x**2 + y**2 + 1, y)
_PROVED = [Outcome("z3", "proved"), Outcome("cvc5", "proved")]


class Views(dict[Any, Any]):
    """A mapping that holds other things from the k-th look on, or at each second look."""

    def __init__(self, *views: dict[Any, Any], turn: Callable[[int], int]) -> None:
        super().__init__(views[0])
        self.views, self.turn, self.looks = views, turn, 0

    def items(self) -> Any:
        """What it holds at this look."""
        self.looks += 1
        return self.views[self.turn(self.looks)].items()


class Chameleon:
    """Something that SymPy reads as 1 until the k-th time, and then as -1/2."""

    free_symbols: frozenset[Any] = frozenset()

    def __init__(self, last: int) -> None:
        self.last, self.looks = last, 0

    def _sympy_(self) -> Any:
        self.looks += 1
        return sp.S.One if self.looks <= self.last else -_HALF


class Anybody(str):
    """A name that is every name."""

    __hash__ = str.__hash__

    def __eq__(self, _other: object) -> bool:
        return True


def _over(part: str, value: Any, *, of: Callable[[], Claim] = lambda: claim(Entails("so", _WRONG))) -> Build:
    """A claim with something put over a part of it, or over a method."""

    def build() -> Claim:
        made = of()
        object.__setattr__(made, part, value)
        return made

    return build


def _over_step(part: str, value: Any, formula: Any = _WRONG) -> Build:
    def build() -> Claim:
        made = claim(Entails("so", formula))
        object.__setattr__(made.steps[-1], part, value)
        return made

    return build


def _read_at(at: Any) -> Build:
    """x^2 + x > 0 for x > 0, read at -1/2."""
    general = gt(x**2 + x)
    return lambda: claim(
        Entails("general", general),
        Instance("read", gt(-_HALF * _HALF), uses=("general",), of=general, at=at()), given=(gt(x),),
    )  # fmt: skip


def _cited_at(at: Any) -> Build:
    lemma = Claim("lemma", "A lemma", BEYOND, "It is so.", gt(x**2 + x), (gt(x),), (Entails("so", gt(x**2 + x)),))
    return lambda: Catalogue([lemma, claim(cite("read", lemma, at(), gt(-_HALF * _HALF)))])


def _moves(first: Any, second: Any, turn: Callable[[int], int]) -> Callable[[], Views]:
    return lambda: Views({x: first}, {x: second}, turn=turn)


def _true() -> Claim:
    return claim(Entails("so", _SQUARES))


def _changed(formula: Any, args: tuple[Any, ...], *, known: bool) -> Build:
    """A formula whose parts are exchanged after the kernel has seen it, or before."""

    def build() -> Claim:
        copy = formula.func(*formula.args, evaluate=False)
        made = claim(Entails("so", copy))
        if known:
            obligations(copy)
        copy._args = args
        return made

    return build


def _lemma(*steps: Any) -> Claim:
    return Claim("lemma", "A lemma", BEYOND, "It is so.", eq(x, x**2), (), steps)


def _citing(lemma: Claim) -> Catalogue:
    return Catalogue([lemma, claim(cite("read", lemma, {x: y}, eq(y, y**2)))])


_TURNS: dict[str, Callable[[int], int]] = {
    **{f"from look {k} on": (lambda look, k=k: int(look > k)) for k in range(1, 9)},
    **{f"at each second look, {k} first": (lambda look, k=k: (look + k) % 2) for k in (0, 1)},
    "at each third look": lambda look: int(look % 3 == 0),
    "but at each third look": lambda look: int(look % 3 != 0),
}

FALSEHOODS: dict[str, Build] = {
    **{
        f"an instance at what is another {when}": _read_at(_moves(sp.S.One, -_HALF, turn))
        for when, turn in _TURNS.items()
    },
    **{
        f"a citation at what is another {when}": _cited_at(_moves(sp.S.One, -_HALF, turn))
        for when, turn in list(_TURNS.items())[::2]
    },
    **{
        f"an instance at what is read as another from reading {k} on": _read_at(lambda k=k: {x: Chameleon(k)})
        for k in range(1, 7)
    },
    "an instance at a text that is an expression": _read_at(lambda: {x: "-1/2"}),
    "an instance of a text": lambda: claim(
        Entails("general", gt(x**2 + 1)), Instance("read", _WRONG, uses=("general",), of="x > x + 1", at={x: y})
    ),
    **{
        f"a box that is another {when}": (
            lambda turn=turn: claim(
                Bounded("box", gt(1, x), box=Views({x: (0, _HALF)}, {x: (0, 3)}, turn=turn)),
                statement=Bounded("box", gt(1, x), box={x: (0, 3)}).stated,
            )
        )
        for when, turn in list(_TURNS.items())[:6]
    },
    # what is put over a claim
    "a statement exchanged": _over("statement", _WRONG, of=_true),
    "a statement exchanged for its negation": _over("statement", sp.Not(_SQUARES), of=_true),
    "steps exchanged": _over("steps", (Entails("so", _SQUARES),)),
    "steps taken away": _over("steps", (), of=lambda: claim(Entails("so", _WRONG))),
    "conditions exchanged for contradictory ones": _over(
        "given", (gt(x), gt(0, x)), of=lambda: claim(Entails("so", _WRONG), given=(gt(x),))
    ),
    "conditions exchanged for the statement": _over(
        "given", (_WRONG,), of=lambda: claim(Entails("so", _WRONG), given=(gt(x),))
    ),
    "conditions as a list": _over("given", [gt(x), gt(0, x)]),
    "premises of one's own": _over("premises", lambda _step: Premises((gt(x), gt(0, x)))),
    "a fingerprint of one's own": _over("fingerprint", "0" * 64),
    "what makes it anew of one's own": _over("anew", _true),
    "a class of one's own, later": _over("__class__", type("Own", (Claim,), {})),
    "a claim that rests on nobody": _over("rests", ("nobody",), of=_true),
    "a claim that rests on everybody": _over("rests", (Anybody("nobody"),), of=_true),
    # what is put over a step
    "a step's engines of one's own": _over_step(
        "_probes", lambda _: iter([("z3", lambda: ("proved", "", None)), ("cvc5", lambda: ("proved", "", None))])
    ),
    "a step's check of one's own": _over_step("check", lambda _: _PROVED),
    "a step's search of one's own": _over_step("_search", lambda _: ("proved", "", None)),
    "a step's formula exchanged": _over_step("formula", _WRONG, _SQUARES),
    "a step's citations exchanged": _over_step("uses", ("so",)),
    "a step's name taken away": _over_step("name", ""),
    "a step of another class, later": _over_step(
        "__class__", type("Entails", (Entails,), {"check": lambda *_: _PROVED})
    ),
    # what is put over a formula
    "a formula's sides exchanged": _changed(_SQUARES, _WRONG.args, known=False),
    "a formula's sides exchanged once it is known": _changed(_SQUARES, _WRONG.args, known=True),
    "a formula's sides exchanged for what has no value": _changed(
        ge(x**2 + y**2), (sp.log(x) ** 2, sp.S.Zero), known=True
    ),
    "a formula's sides exchanged for a root": _changed(ge(x**2 + z**2), (sp.sqrt(x) ** 4 + 1, sp.S.Zero), known=True),
    "a formula's letter exchanged for a natural number": _changed(ge(x**2 + x + 1), (n, sp.S.Zero), known=True),
    # names
    "a step that cites every name": lambda: claim(
        Entails("a", ge(x**2 + y**2)), Entails("so", _WRONG, uses=(Anybody("so"),))
    ),
    "a step by every name": lambda: claim(Entails("a", ge(x**2 + y**2)), Entails(Anybody("so"), _WRONG)),
    "a step without a name": lambda: claim(Entails("", ge(x**2 + y**2)), Entails("so", _WRONG)),
    "a step by the name of a space": lambda: claim(Equal(" ", eq(x, x**2)), Entails("so", _SQUARES)),
    "an id that is every id": lambda: Claim(Anybody("so"), "F", BEYOND, "S.", _WRONG, (), (Entails("so", _WRONG),)),
    # what is cited and not judged
    "a lemma that is not judged, cited": lambda: claim(cite("read", _lemma(), {x: y}, eq(y, y**2))),
    "a lemma that is not judged, cited for its proof": lambda: claim(
        cite("read", _lemma(Equal("so", eq(x, x**2))), {x: y}, eq(y, y**2))
    ),
    "a false lemma, cited": lambda: _citing(_lemma()),
    "a lemma with a wrong proof, cited": lambda: _citing(_lemma(Equal("so", eq(x, x**2)))),
    "a lemma on a source, cited": lambda: _citing(_lemma(Accept("so", eq(x, x**2), source="Nobody"))),
    "a lemma that is not there, read as the statement": lambda: Claim(
        "falsehood", "F", BEYOND, "S.", _SQUARES, (), (Entails("so", _SQUARES),), rests=("the-words",)
    ),
}
