"""What a forger may do to a certificate, by kind: the base, and the change made to it before it is sealed again."""

import json

from certified import certificate, sealed


def real(name):
    return ["Symbol", name, {"real": True}]


X, MU, N = real("x"), real("mu"), ["Symbol", "n", {"integer": True, "nonnegative": True}]
ZERO, ONE, TWO, TINY = (["Rational", text] for text in ("0", "1", "2", "1/1" + "0" * 40))
FALSE_PAIR = [["StrictGreaterThan", MU, ONE], ["StrictLessThan", MU, ZERO]]


def deep(levels):
    tree = X
    for _ in range(levels):
        tree = ["exp", tree]
    return tree


def nested(data, levels):
    for _ in range(levels):
        data = {**certificate("printed"), "repairs": [sealed({**data, "amends": "printed"})]}
    return data


def declared(data, words):
    """Every real symbol is declared in other words."""
    data.update(json.loads(json.dumps(data).replace('{"real": true}', json.dumps(words))))


def concluded(data):
    """The formula of the last step, and the statement."""
    return data["steps"][-1]["formula"], data["statement"]


def boxed(data):
    """The inequality of a bound, in the step and in the statement."""
    return data["steps"][0]["formula"], data["statement"][2]


def repeated_condition(data):
    """y = 0 is given, a step repeats it, and an instance reads it at y = x - 1: so x = 1 for every x."""
    shifted = data["steps"][1]["fields"]["at"]["pairs"][0][1]["tree"]
    data.update(given=[["Equality", real("y"), ZERO]], model={"y": "0"}, statement=["Equality", shifted, ZERO])
    data["steps"][0].update(formula=data["given"][0])
    data["steps"][1].update(formula=data["statement"])
    field(data, 1, "of", {"tree": data["given"][0]})
    data["proofs"].clear()


def field(data, step, name, value):
    data["steps"][step]["fields"][name] = value


def proof(data, change):
    key = sorted(data["proofs"])[0]
    data["proofs"][key] = change(data["proofs"][key])


def swapped(items):
    items[0], items[1] = items[1], items[0]


def leaves(node):
    """The sums at the leaves of a stored proof."""
    if node[0] == "sum":
        yield node
    for child in node[2:] if node[0] != "sum" else ():
        yield from leaves(child[1] if node[0] == "sign" else child)


def doubled_multiplier(data):
    def change(node):
        first = next(leaf for leaf in leaves(node) if leaf[1] and len(leaf[1]) + len(leaf[2]) > 1)
        first[1][0][0] = 12345
        return node

    key = next(k for k in sorted(data["proofs"]) if any(len(f[1]) + len(f[2]) > 1 for f in leaves(data["proofs"][k])))
    data["proofs"][key] = change(data["proofs"][key])


def rotated_proofs(data):
    keys = sorted(data["proofs"])
    data["proofs"] = dict(zip(keys, [data["proofs"][k] for k in (*keys[1:], keys[0])], strict=True))


def other_repair(data):
    data["repairs"] = [certificate("single")]


def relabelled_repair(data):
    data["repairs"] = [{**certificate("single"), "amends": "printed"}]


WORDS = {
    "title": ("strict", lambda d: d.update(title="Another title")),
    "says": ("strict", lambda d: d.update(says="It says something else.")),
    "place": ("strict", lambda d: d.update(place="4.2, Theorem 1")),
    "reading": ("strict", lambda d: d.update(reading="Read otherwise.")),
    "finding": ("strict", lambda d: d.update(finding="A finding.")),
    "settles": ("strict", lambda d: d.update(settles="rm")),
    "because": ("strict", lambda d: d["steps"][1].update(because="for another reason")),
    "id of another claim": ("strict", lambda d: d.update(id="single")),
    "amends another claim": ("strict", lambda d: d.update(amends="single")),
    "amends none": ("strict", lambda d: d.update(amends=None)),
    "a condition less, not needed": ("strict", lambda d: d["given"].pop(1)),
    "a condition more": ("strict", lambda d: d["given"].append(["StrictLessThan", MU, ["Rational", "100"]])),
    "words of a repair": ("printed", lambda d: d["repairs"][0].update(says="It says something else.")),
    "another statement, proved as well": ("cube", lambda d: d.update(statement=d["steps"].pop()["formula"])),
    "a repair relabelled": ("printed", relabelled_repair),
    "a claim that the words rest on is left out": ("citing", lambda d: d["rests"].clear()),
}
ORDER = {
    "a step cites itself": ("strict", lambda d: d["steps"][0].update(uses=["factor"])),
    "a step cites a later one": ("strict", lambda d: d["steps"][0].update(uses=["positive"])),
    "a step cites no step": ("strict", lambda d: d["steps"][1].update(uses=["ghost"])),
    "two steps of one name": ("strict", lambda d: d["steps"][0].update(name="positive")),
    "a step without a name": ("boxed", lambda d: d["steps"][0].update(name="")),
    "steps in another order": ("strict", lambda d: swapped(d["steps"])),
    "the last step is missing": ("strict", lambda d: d["steps"].pop()),
    "the first step is missing": ("strict", lambda d: d["steps"].pop(0)),
    "all steps are missing": ("strict", lambda d: d["steps"].clear()),
    "a citation is missing": ("cube", lambda d: d["steps"][1].update(uses=[])),
    "the statement is not what is concluded": ("boxed", lambda d: d.update(statement=["StrictLessThan", ZERO, ONE])),
    "the statement is false": ("strict", lambda d: d.update(statement=False)),
}
CONTENT = {
    "a step says more": ("strict", lambda d: d["steps"][1]["formula"].__setitem__(2, ONE)),
    "step and statement say more": (
        "strict",
        lambda d: (d["steps"][1]["formula"].__setitem__(2, ONE), d["statement"].__setitem__(2, ONE)),
    ),
    "an identity is off by one": ("single", lambda d: [t.__setitem__(1, ["Add", t[1], ONE]) for t in concluded(d)]),
    "an identity is off by 10^-40": ("single", lambda d: [t.__setitem__(1, ["Add", t[1], TINY]) for t in concluded(d)]),
    "a condition less": ("strict", lambda d: d["given"].pop(2)),
    "a weaker condition": ("strict", lambda d: d["given"][2].__setitem__(0, "GreaterThan")),
    "contradictory conditions": ("single", lambda d: d.update(given=FALSE_PAIR)),
    "a contradictory condition more": ("strict", lambda d: d["given"].append(["StrictLessThan", MU, ZERO])),
    "the condition false": ("single", lambda d: d["given"].append(False)),
    "a larger box": ("boxed", lambda d: field(d, 0, "box", {"pairs": [[{"tree": X}, {"items": [
        {"tree": ZERO}, {"tree": ["Rational", "3"]}]}]]})),
    "another bound": ("boxed", lambda d: [t.__setitem__(2, ["Rational", "7"]) for t in boxed(d)]),
    "a box that ends at a letter": ("boxed", lambda d: field(d, 0, "box", {"pairs": [[{"tree": X}, {"items": [
        {"tree": ZERO}, {"tree": MU}]}]]})),
    "a box that ends at a truth value": ("boxed", lambda d: field(d, 0, "box", {"pairs": [[{"tree": X}, {"items": [
        {"tree": ZERO}, {"tree": True}]}]]})),
    "a box of a number": ("boxed", lambda d: field(d, 0, "box", {"pairs": [[{"tree": ONE}, {"items": [
        {"tree": ZERO}, {"tree": TWO}]}]]})),
    "a box without symbols": ("boxed", lambda d: field(d, 0, "box", {"pairs": []})),
    "induction over a real number": ("bernoulli", lambda d: field(d, 0, "over", {"tree": real("n")})),
    "induction over another symbol": ("bernoulli", lambda d: field(d, 0, "over", {"tree": real("a")})),
    "induction under a condition on n": ("bernoulli", lambda d: d["given"].append(["GreaterThan", N, ONE])),
    "an instance elsewhere": ("shifted", lambda d: field(d, 1, "at", {"pairs": [[{"tree": real("y")}, {"tree": X}]]})),
    "an instance of what is not cited": ("shifted", lambda d: field(d, 1, "of", {"tree": ["LessThan", ONE, ZERO]})),
    "an instance of a condition": ("shifted", lambda d: (
        d["given"].append(d["steps"][0]["formula"]), d.update(model={"y": "0"}), d["steps"][1].update(uses=[]))),
    "an instance of a condition that a step repeats": ("shifted", repeated_condition),
    "another slope": ("cube", lambda d: field(d, 1, "slope", {"tree": ["Mul", ["Rational", "4"], ["Pow", X, TWO]]})),
    "another value at the base": ("cube", lambda d: field(d, 1, "value", {"tree": ONE})),
    "another base": ("cube", lambda d: field(d, 1, "base", {"tree": ONE})),
    "another function": ("cube", lambda d: field(d, 1, "of", {"tree": ["Pow", X, ["Rational", "4"]]})),
    "a sign that is not cited": ("cube", lambda d: field(d, 1, "sign", {"tree": ["StrictGreaterThan", X, ZERO]})),
    "a natural number as a slope's variable": ("cube", lambda d: field(d, 1, "along", {"tree": N})),
    "one symbol, two declarations": ("shifted", lambda d: d["steps"][0].update(formula=["GreaterThan", ["Pow", [
        "Symbol", "x", {"positive": True}], TWO], ZERO])),
    "a kind that does not fit": ("strict", lambda d: d["steps"][0].update(kind="Entails")),
    "an inequality as an identity": ("strict", lambda d: d["steps"][1].update(kind="Equal")),
    "an unknown kind": ("strict", lambda d: d["steps"][0].update(kind="Trust")),
    "an unknown basis": ("strict", lambda d: d["steps"][0].update(basis="certain")),
    "accepted, though it is no lemma": ("strict", lambda d: d["steps"][0].update(basis="accepted on a source")),
    "a field more": ("strict", lambda d: field(d, 0, "proof", {"text": "trust me"})),
    "a field less": ("boxed", lambda d: d["steps"][0]["fields"].clear()),
}  # fmt: skip
CITATIONS = {
    "a cited claim without its certificate": ("citing", lambda d: d["rests"].clear()),
    "another claim's certificate": ("citing", lambda d: d.update(rests=[certificate("cube")])),
    "a certificate under the cited claim's name": ("citing", lambda d: d.update(
        rests=[{**certificate("cube"), "id": "squares"}])),
    "a cited claim that says more": ("citing", lambda d: field(d, 0, "of", {"tree": [
        "StrictGreaterThan", *d["rests"][0]["statement"][1:]]})),
    "a cited claim without its conditions": ("citing", lambda d: d["rests"][0].update(
        given=[["GreaterThan", real("y"), ONE]], model={"y": "1"})),
    "conditions that the cited claim does not have": ("citing", lambda d: field(d, 0, "conditions", {"items": [
        {"tree": ["LessThan", ZERO, ONE]}]})),
    "a claim cited at another value": ("citing", lambda d: field(d, 0, "at", {"pairs": [[{"tree": real("y")}, {
        "tree": ["Pow", X, ["Rational", "3"]]}]]})),
    "a cited claim that is refuted": ("citing", lambda d: (d["rests"].append(certificate("small")))),
    "a cited claim that is open": ("citing", lambda d: d["rests"][0].update(
        verdict="open", as_printed="open", reason="not proved", steps=[], proofs={})),
    "a claim that cites itself": ("citing", lambda d: d.update(rests=[
        *d["rests"], {**certificate("squares"), "id": "citing"}])),
    "a cited certificate without its proof": ("citing", lambda d: d["rests"][0]["proofs"].clear()),
    "a citation of a claim twice": ("citing", lambda d: d["rests"].append(d["rests"][0])),
}  # fmt: skip
DECLARATIONS = {
    "declared to be positive and negative": ("single", lambda d: declared(d, {"positive": True, "negative": True})),
    "declared not to be real": ("boxed", lambda d: declared(d, {"real": False})),
    "declared real and no integer": ("printed", lambda d: declared(d, {"real": True, "integer": False})),
    "declared to be nothing": ("boxed", lambda d: declared(d, {})),
    "declared to be zero": ("single", lambda d: declared(d, {"zero": True})),
}
PROOFS = {
    "no proof": ("strict", lambda d: d["proofs"].clear()),
    "the proof of another step": ("cube", rotated_proofs),
    "proofs of another claim": ("strict", lambda d: d.update(proofs=certificate("cube")["proofs"])),
    "another multiplier": ("strict", doubled_multiplier),
    "an empty proof": ("strict", lambda d: proof(d, lambda _: [])),
    "an empty sum": ("strict", lambda d: proof(d, lambda _: ["sum", [], []])),
    "a negative multiplier": ("strict", lambda d: proof(d, lambda _: ["sum", [["-1", [], []]], []])),
    "a number that is none": ("strict", lambda d: proof(d, lambda _: ["sum", [["nan", [], []]], []])),
    "a proof without cases": ("strict", lambda d: proof(d, lambda _: ["sign", [[1, []]]])),
    "a proof that nothing asks for": ("strict", lambda d: d["proofs"].update({"0" * 64: ["sum", [], []]})),
}
VERDICT = {
    "a verdict typed": ("small", lambda d: d.update(verdict="holds", as_printed="holds", reason="1 step")),
    "a weaker verdict typed": ("strict", lambda d: d.update(verdict="open", as_printed="open", reason="not proved")),
    "another reason": ("strict", lambda d: d.update(reason="3 steps")),
    "as printed, it holds": ("printed", lambda d: d.update(as_printed="holds")),
    "no such verdict": ("strict", lambda d: d.update(verdict="proved")),
    "holds, the witness left in": ("printed", lambda d: d.update(verdict="holds", as_printed="holds", repairs=[])),
    "a refuting point in a proof": ("strict", lambda d: d.update(witness={"mu": "1", "rho": "2"})),
    "no witness": ("printed", lambda d: d.update(witness=None)),
    "a witness that refutes nothing": ("printed", lambda d: d["witness"].update(rho="2")),
    "a witness outside the conditions": ("printed", lambda d: d["witness"].update(mu="-1", rho="-2")),
    "a witness of another sort": ("small", lambda d: d["witness"].update(n="3/2")),
    "a witness without a symbol": ("printed", lambda d: d["witness"].pop("rho")),
    "a witness with a symbol more": ("printed", lambda d: d["witness"].update(x="1")),
    "a witness that is no number": ("printed", lambda d: d["witness"].update(rho="nan")),
    "a witness too long to write": ("printed", lambda d: d["witness"].update(rho="1e999999999")),
    "a witness by division by 0": ("printed", lambda d: d["witness"].update(rho="1/0")),
    "a witness that is a float": ("printed", lambda d: d["witness"].update(rho=1.5)),
    "a model outside the conditions": ("strict", lambda d: d["model"].update(rho="0")),
    "a model without a symbol": ("strict", lambda d: d["model"].pop("rho")),
    "a model of nothing": ("boxed", lambda d: d.update(model={})),
    "a refuting run": ("strict", lambda d: d["runs"].append({"kind": "simulation", "engine": "ensemble",
        "status": "refuted", "why": "outside", "witness": None, "settings": {}})),
    "no repair": ("printed", lambda d: d["repairs"].clear()),
    "another claim as the repair": ("printed", other_repair),
    "a repair twice": ("printed", lambda d: d["repairs"].append(d["repairs"][0])),
    "a repair with another verdict": ("printed", lambda d: d["repairs"][0].update(verdict="refuted")),
    "a repair without its proofs": ("printed", lambda d: d["repairs"][0]["proofs"].clear()),
    "a repair under contradictory conditions": (
        "printed", lambda d: d["repairs"][0]["given"].append(["StrictLessThan", MU, ZERO])),
    "a repair of what holds": ("single", lambda d: d.update(repairs=[{**certificate("strict"), "amends": "single"}])),
}  # fmt: skip
SHAPE = {
    "an unknown field": ("strict", lambda d: d.update(versions={"sympy": "99"})),
    "engines": ("strict", lambda d: d.update(engines=["sympy", "oracle"])),
    "a fingerprint": ("strict", lambda d: d.update(fingerprint="0" * 64)),
    "an unknown field in a step": ("strict", lambda d: d["steps"][0].update(evidence=[{"engine": "z3"}])),
    "what a step states": ("strict", lambda d: d["steps"][0].update(stated=["StrictGreaterThan", ONE, ZERO])),
    "text beside a tree": ("strict", lambda d: d.update(text="mu > 0")),
    "a missing field": ("strict", lambda d: d.pop("model")),
    "no words": ("strict", lambda d: d.pop("says")),
    "a number for a word": ("strict", lambda d: d.update(says=3)),
    "conditions as an object": ("strict", lambda d: d.update(given={})),
    "steps as an object": ("strict", lambda d: d.update(steps={})),
    "a citation that is no list": ("strict", lambda d: d["steps"][1].update(uses="factor")),
    "a step that is a list": ("strict", lambda d: d["steps"].append([])),
    "a repair that is a text": ("printed", lambda d: d.update(repairs=["strict"])),
    "a proof that is a text": ("strict", lambda d: proof(d, lambda _: "qed")),
    "the format as a float": ("strict", lambda d: d.update(format=2.0)),
    "an unknown node": ("single", lambda d: d.update(statement=["Lambda", X, X])),
    "a node with too many arguments": ("single", lambda d: d.update(statement=["Equality", X, X, X])),
    "a rational that is a float": ("boxed", lambda d: d["statement"][2].__setitem__(2, ["Rational", 8.0])),
    "a rational with a point": ("boxed", lambda d: d["statement"][2].__setitem__(2, ["Rational", "8.0"])),
    "a rational over 0": ("boxed", lambda d: d["statement"][2].__setitem__(2, ["Rational", "8/0"])),
    "infinity": ("boxed", lambda d: [t.__setitem__(2, ["Infinity"]) for t in boxed(d)]),
    "a formula nested 500 deep": ("boxed", lambda d: d["steps"][0]["formula"].__setitem__(1, deep(500))),
    "a proof nested 100 deep": ("strict", lambda d: proof(d, lambda p: nest(p, 100))),
    "repairs nested 6 deep": ("printed", lambda d: d.update(nested(d, 6))),
    "a value that is no boolean": ("single", lambda d: d["given"].append(["Boolean", "true"])),
}  # fmt: skip


def nest(node, levels):
    for _ in range(levels):
        node = ["sign", [[1, []]], ["<=", node], [">", ["sum", [], []]]]
    return node


FORGERIES = {**ORDER, **CONTENT, **DECLARATIONS, **CITATIONS, **PROOFS, **VERDICT, **SHAPE}


def forged(kind):
    base, change = kind
    data = certificate(base)
    change(data)
    return sealed(data)
