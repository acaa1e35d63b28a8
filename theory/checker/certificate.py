"""The checker of certificates: reads one, verifies what it can, lists what it has to trust, recomputes the verdict.

A certificate holds nothing but what is verified here or listed as trusted. The words that people read are tied to the
formulas by the digest that was recorded when somebody last compared the two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from saddlecheck.theory.checker import positivity, rules, verdict
from saddlecheck.theory.checker.examination import Done, Examination, Line, Result
from saddlecheck.theory.checker.form import require_printable, require_shape
from saddlecheck.theory.checker.names import alike, is_readable
from saddlecheck.theory.checker.tree import RELATIONS, Damaged, Tree, assumptions, children, parse, symbols
from saddlecheck.theory.checker.witness import exact_part, inadmissible, truth

_DEEPEST = 8  # certificates within certificates
_FIELDS = {"Equal": (), "Entails": (), "Bounded": ("box",), "Induction": ("over",), "Instance": ("at", "of"),
           "Monotone": ("along", "base", "of", "sign", "slope", "value"),
           "Increasing": ("along", "from_", "of", "slope"), "RealZeros": ("plane",),
           "Accept": ("source",), "Cite": ("at", "claim", "conditions", "of")}  # fmt: skip
_WORDS = ("id", "title", "place", "says", "reading", "finding", "amends", "settles", "given", "statement")


def examine(data: Any, wordings: Mapping[str, str], done: Done | None = None, depth: int = 0) -> Examination:
    """Verify a certificate.

    Args:
        data: the certificate.
        wordings: for each claim, `named`, the digest of its words and formulas as reviewed.
        done: what was examined beside the same wordings, added to here: a certificate that stands in many is verified
            once. It is known by the digest of its data as they are, not by the one that they state.
        depth: in how many certificates it stands.

    Returns:
        What was found, line by line.
    """
    try:
        require_shape(data)
        text = _canonical({name: value for name, value in data.items() if name != "digest"})
        if depth == 0:  # it holds the texts of all that stand in it
            require_printable(text)
        found = hashlib.sha256(text.encode()).hexdigest()
        known, same = {} if done is None else done, (found, data["digest"])
        if same not in known or depth + known[same].height > _DEEPEST:
            known[same] = _Certificate(data, found, wordings, known, depth).examine()
        return known[same]
    except Exception as error:  # whatever a stranger's file makes of the arithmetic: it is not verified
        name = str(data.get("id", "?"))[:80] if isinstance(data, dict) else "?"
        return Examination(name, "", "", (Line("certificate", "altered", f"{error or type(error).__name__}"[:300]),))


def digest(data: Any) -> str:
    """The SHA-256 of JSON data in canonical form."""
    return hashlib.sha256(_canonical(data).encode()).hexdigest()


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def wording(data: Mapping[str, Any]) -> str:
    """The digest of all words in a certificate, with the conditions and the statement that they stand for."""
    reasons, rests = [[s["name"], s["because"]] for s in data["steps"]], [other["id"] for other in data["rests"]]
    return digest([*(data[name] for name in _WORDS), rests, reasons])


def named(paper: str, claim: str) -> str:
    """What tells a claim from those of other papers that have its id; a claim of no paper is called by its id."""
    return f"{paper}/{claim}" if paper else claim


def key(premises: Sequence[Tree], goal: Tree) -> str:
    """The name under which the proof that premises entail a goal is stored."""
    return hashlib.sha256(repr((list(premises), goal)).encode()).hexdigest()


def step(data: Mapping[str, Any]) -> tuple[str, Tree, dict[str, Any]]:
    """A step's kind, formula and fields."""
    kind, fields = data["kind"], data["fields"]
    if kind not in _FIELDS or tuple(sorted(fields)) != _FIELDS[kind]:
        raise Damaged(f"step {data['name']!r}: {kind} with the fields {', '.join(sorted(fields)) or 'none'}")
    return kind, parse(data["formula"]), {name: _field(value) for name, value in fields.items()}


def point(data: Mapping[str, str]) -> dict[str, Any]:
    """A point as fractions."""
    return {name: parse(["Rational", number])[1] for name, number in data.items()}


class _Certificate:
    """One certificate under examination."""

    def __init__(self, data: dict[str, Any], found: str, wordings: Mapping[str, str], done: Done, depth: int) -> None:
        self.data, self.found, self.wordings, self.done, self.depth = data, found, wordings, done, depth
        self.lines, self.height = list[Line](), 0
        self.given, self.statement = [parse(tree) for tree in data["given"]], parse(data["statement"])
        self.used = set[str]()

    def say(self, what: str, result: Result, how: str) -> None:
        self.lines.append(Line(what, result, how))

    def examine(self) -> Examination:
        data = self.data
        if self.found != data["digest"]:
            self.say("digest", "altered", "the file was changed after it was written")
        self.words()
        self.conditions()
        refuted = self.witness()
        rests = self.embedded("rests")
        sources = self.steps()
        for run in data["runs"]:
            self.say(f"{run['kind']} {run['engine']}", "trusted", f"{run['status']}: {run['why']}")
        bases, runs = [s["basis"] for s in data["steps"]], [(r["status"], r["why"]) for r in data["runs"]]
        printed = verdict.limited(verdict.alone(bases, sources, runs, refuted), [(e.id, e.as_printed) for e in rests])
        repairs = self.repairs()
        found = verdict.repaired(printed, repairs)
        if repairs and found == printed:
            self.say("repairs", "altered", "nothing is to be repaired, or no repair stands")
        if (found.verdict, printed.verdict) != (data["verdict"], data["as_printed"]):
            self.say("verdict", "altered", f"{data['verdict']!r} is stated, {found.verdict!s} follows")
        elif found.reason is None:
            self.say("verdict", "trusted", "open: that nothing settles it cannot be verified")
        elif found.reason != data["reason"]:
            self.say("reason", "altered", f"{data['reason']!r} is stated, {found.reason!r} follows")
        return Examination(data["id"], str(found.verdict), str(printed.verdict), tuple(self.lines), self.height)

    def words(self) -> None:
        known = self.wordings.get(named(self.data["paper"], self.data["id"]))
        if known is None:
            self.say("words", "trusted", "nobody recorded a comparison of these words with the formulas")
        elif wording(self.data) != known:
            self.say("words", "altered", "words or formulas are not those that were last reviewed")

    def conditions(self) -> None:
        where = self.data["model"]
        if self.given and where is None:
            self.say("conditions", "trusted", "they have a common point, which is not given")
        elif where is not None:
            at, wrong = self.at(where, *self.given)
            values = {truth(condition, at) for condition in self.given}
            if wrong or False in values or not self.given:
                self.say("conditions", "refuted", wrong or "the point that is given does not satisfy them")
            elif None in values:
                self.say("conditions", "trusted", "the checker cannot evaluate them at their point")
            else:
                self.say("conditions", "verified", "a point satisfies them all")

    def at(self, where: Mapping[str, str], *formulas: Tree) -> tuple[dict[str, Any], str]:
        """A point, and what is wrong with it as values of the symbols of some formulas."""
        at, names = point(where), set[str]().union(*map(symbols, formulas))
        return at, inadmissible(at, *formulas) or ("it is not a value for each symbol" if set(at) != names else "")

    def witness(self) -> bool:
        """Whether the certificate's point refutes the statement."""
        if self.data["witness"] is None:
            return False
        at, wrong = self.at(self.data["witness"], *self.given, self.statement)
        values = [*(truth(condition, at) for condition in self.given), truth(("Not", exact_part(self.statement)), at)]
        shown = ", ".join(f"{name} = {number}" for name, number in at.items()) or "no variables"
        if wrong or False in values:
            self.say("witness", "refuted", f"{shown}: {wrong or 'it does not refute the statement'}")
            return False
        trusted = None in values
        self.say("witness", "trusted" if trusted else "verified",
                 f"{shown}: {'the checker cannot evaluate it' if trusted else verdict.AT_A_POINT}")  # fmt: skip
        return True

    def steps(self) -> list[str]:
        """Verify each step; the sources of those that are accepted."""
        known: dict[str, Tree] = {}
        sources = []
        last = None
        parsed = [step(stored) for stored in self.data["steps"]]
        inner = [tree for _, formula, fields in parsed for tree in (formula, *_trees(fields))]
        if _decided(self.statement):
            self.say("statement", "refuted", "a part of it is true by its form, so that it says nothing")
        self.declarations(*self.given, self.statement, *inner)
        for stored, (kind, formula, fields) in zip(self.data["steps"], parsed, strict=True):
            name = stored["name"]
            if name in known or not name or not known.keys() >= set(stored["uses"]):
                raise Damaged(f"step {name!r} has no name of its own, or cites what is no earlier step")
            last = known[name] = rules.stated(kind, formula, fields)
            if kind == "Accept":
                sources.append(fields["source"])
            if kind == "Cite":
                self.quoted(stored["fields"])
            self.step(stored, (kind, formula, fields), [known[cited] for cited in stored["uses"]])
        if last is not None and last != self.statement:
            self.say("conclusion", "refuted", "the last step does not conclude the statement")
        if idle := set(self.data["proofs"]) - self.used:
            self.say("proofs", "altered", f"{len(idle)} of the proofs prove nothing that is asked")
        return sources

    def declarations(self, *trees: Tree) -> None:
        """Return if each symbol has one declaration, and each name is read as what it is."""
        known = assumptions(*trees)
        if unreadable := [name for name in known if not is_readable(name)]:
            raise Damaged(f"a symbol is named {unreadable[0]!r}, which would be read as something else")
        if (two := alike(known)) is not None:
            raise Damaged(f"two symbols are named {two[0]!r} and {two[1]!r}, which look alike")

    def step(self, stored: Mapping[str, Any], parsed: tuple[str, Tree, Any], cited: Sequence[Tree]) -> None:
        what, basis, kind = f"step {stored['name']}", stored["basis"], parsed[0]
        if basis == verdict.CHECKED:
            try:
                rules.verify(*parsed, self.given, cited, self.prove)
            except (Damaged, ValueError, ArithmeticError) as error:
                self.say(what, "refuted", f"it does not follow: {error}"[:300])
            else:
                self.say(what, "verified", kind)
        elif basis in verdict.TRUSTED and (basis == verdict.SOURCE) == (kind == "Accept"):
            self.say(what, "trusted", f"{kind}: {parsed[2].get('source') or basis}")
        else:
            raise Damaged(f"{what}: {kind} cannot rest on {basis!r}")

    def prove(self, premises: Sequence[Tree], goal: Tree) -> None:
        """Verify the stored proof that premises entail a goal."""
        if rules.at_hand(premises, goal):
            return
        if (name := key(premises, goal)) not in self.data["proofs"]:
            raise Damaged("a proof is missing")
        positivity.verify(list(premises), goal, self.data["proofs"][name])
        self.used.add(name)

    def embedded(self, field: str) -> list[Examination]:
        """The certificates that stand in this one, verified as well. Each claim stands there once."""
        if self.data[field] and self.depth >= _DEEPEST:
            raise Damaged(f"certificates are nested deeper than {_DEEPEST}")
        found = [examine(stored, self.wordings, self.done, self.depth + 1) for stored in self.data[field]]
        for other in found:
            self.height = max(self.height, other.height + 1)
            self.lines += [Line(f"{other.id}: {line.what}", line.result, line.how) for line in other.lines]
        if len({other.id for other in found} | {self.data["id"]}) <= len(found):
            raise Damaged(f"a claim stands twice among {field}, or in its own certificate")
        return found

    def quoted(self, fields: Mapping[str, Any]) -> None:
        """Return if a citation says of the claim that it cites what that one's certificate says."""
        said = [
            {"claim": {"text": r["id"]}, "of": {"tree": r["statement"]},
             "conditions": {"items": [{"tree": condition} for condition in r["given"]]}}
            for r in self.data["rests"]
        ]  # fmt: skip
        if {name: value for name, value in fields.items() if name != "at"} not in said:
            raise Damaged(
                f"{fields['claim']['text']!r} is cited otherwise than its certificate has it, or has none here"
            )

    def repairs(self) -> list[verdict.Repair]:
        """The claims that amend this one."""
        found = []
        for other, stored in zip(self.embedded("repairs"), self.data["repairs"], strict=True):
            if stored.get("amends") != self.data["id"]:
                raise Damaged(f"{other.id} is no repair of {self.data['id']}")
            given, before = (set(map(_canonical, data["given"])) for data in (stored, self.data))
            found.append((other.id, stored["statement"] == self.data["statement"] and given > before, other.verdict))
        return found


def _decided(statement: Tree) -> bool:
    """Whether a part of a statement is a truth value, or compares a thing with itself."""
    if statement[0] in (*RELATIONS, "Implies", "Equivalent") and statement[1] == statement[2]:
        return True
    if statement[0] in RELATIONS:
        return False
    return statement[0] == "Boolean" or any(map(_decided, children(statement)))


def _field(data: Any) -> Any:
    """A field of a step: a tree, a text, a tuple of fields or of pairs of fields."""
    match data:
        case {"tree": tree}:
            return parse(tree)
        case {"text": str(text)}:
            return text
        case {"items": list(items)}:
            return tuple(map(_field, items))
        case {"pairs": list(pairs)}:
            return tuple((_field(name), _field(value)) for name, value in pairs)
    raise Damaged(f"no field looks like {str(data)[:60]}")


def _trees(value: Any) -> list[Tree]:
    """All trees in fields: a tree is a tuple that begins with its head."""
    if isinstance(value, Mapping):
        return [tree for part in value.values() for tree in _trees(part)]
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return [value]
    return [tree for part in value for tree in _trees(part)] if isinstance(value, tuple) else []
