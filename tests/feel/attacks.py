"""Hostile expressions: for each a name, a text, the variables it sees, and what must come of it.

``REFUSED`` is a FEEL error; anything else is the value it must yield. Nothing may take long or grow.
"""

from __future__ import annotations

from typing import Any, NamedTuple

REFUSED = "<refused>"


class Attack(NamedTuple):
    """``outcome``: ``REFUSED`` or the value."""

    name: str
    text: str
    variables: dict[str, Any]
    outcome: Any


def _repeat(times: int, text: str) -> str:
    return text * times


_WIDE = {str(number): number for number in range(9000)}
_LONG = list(range(9000))
_MANY = _repeat(100, "a")
_REPLACED = f'replace(replace(replace(replace("aaaaaaaaaa","a","{_MANY}"),"a","{_MANY}"),"a","{_MANY}"),"a","{_MANY}")'

ESCAPES = [
    Attack("class of a string", '"".__class__', {}, None),
    Attack("subclasses", '"".__class__.__mro__[2].__subclasses__()', {}, None),
    Attack("constructor", 'a.constructor.constructor("return 7")()', {"a": {"b": 1}}, None),
    Attack("constructor variable", 'constructor("return 7")()', {}, None),
    Attack("python import", '__import__("os").system("id")', {}, None),
    Attack("python open", 'open("/etc/hostname")', {}, None),
    Attack("python format string", '"{0.__class__}".format("x")', {}, None),
    Attack("percent format", '"%1000000000d" * 1', {}, None),
    Attack("lambda globals", "(function(x) x).__globals__", {}, None),
    Attack("builtin attributes", "count.overloads", {}, None),
    Attack("toString", "toString()", {}, None),
    Attack("get value constructor", 'get value(a, "constructor")', {"a": {"b": 1}}, None),
    Attack("constructor of a list", "[1].constructor", {}, [None]),
    Attack("prototype literal", "{__proto__: {polluted: 1}}.polluted", {}, None),
    Attack("prototype put", '[context put({}, "__proto__", {polluted: 1}), {}.polluted][2]', {}, None),
    Attack("prototype path", '[context put({}, ["__proto__","polluted"], 1), {}.polluted][2]', {}, None),
    Attack(
        "prototype merge", '[context merge([{}, context([{key:"__proto__", value: 1}])]), {}.polluted][2]', {}, None
    ),
    Attack(
        "external java",
        '{f: function(a) external {java: {class: "java.lang.Runtime", method signature: "exec"}}, r: f("id")}.r',
        {},
        None,
    ),
    Attack("builtins by name", "__builtins__", {}, None),
    Attack("types hook", "has_type", {}, None),
    Attack("environment", "environment.now", {}, None),
]

LOOPS = [
    Attack("for to a billion", "count(for i in 1..1000000000 return i)", {}, REFUSED),
    Attack("range of a billion", "count([1..1000000000][item > 5])", {}, REFUSED),
    Attack("three thousand deep", "count(for a in 1..1000, b in 1..1000, c in 1..1000 return 1)", {}, REFUSED),
    Attack("some of a billion", "some i in 1..1000000000 satisfies false", {}, REFUSED),
    Attack("nested filters", "count([1..300][count([1..300][count([1..300][item > 400]) > 0]) > 0])", {}, REFUSED),
    Attack("nested quantifiers", "every a in 1..9999, b in 1..9999 satisfies true", {}, REFUSED),
    Attack("dates for ever", 'count(for d in @"0001-01-01"..@"9999-01-01" return d)', {}, REFUSED),
    Attack(
        "sort with a slow order",
        "sort(for i in 1..5000 return modulo(i * 7919, 5003), function(a, b) a < b)",
        {},
        REFUSED,
    ),
    Attack("distinct contexts", "count(distinct values(for i in 1..5000 return {a: i}))", {}, REFUSED),
    Attack("working days for ever", 'add working days(@"2026-01-01", 19999)', {}, REFUSED),
    Attack(
        "working days in a loop",
        'for i in 1..1000 return working days between(@"2000-01-01", @"2090-01-01")',
        {},
        REFUSED,
    ),
    Attack(
        "list contains in a loop",
        "{l: for i in 1..5000 return i, r: for i in 1..5000 return list contains(l, i)}.r",
        {},
        REFUSED,
    ),
    Attack("comparing lists", "for i in 1..9000 return x = y", {"x": _LONG, "y": list(_LONG)}, REFUSED),
    Attack("comparing contexts", "every i in 1..9000 satisfies x = y", {"x": _WIDE, "y": dict(_WIDE)}, REFUSED),
    Attack("membership by list", "for i in 1..9000 return -1 in x", {"x": list(range(9000))}, REFUSED),
    Attack("exponents", "for i in 1..10000 return exp(i / 1000)", {}, REFUSED),
    Attack("logarithms", "for i in 1..10000 return log(i)", {}, REFUSED),
    Attack("powers", "for i in 1..10000 return 1.000000001 ** i", {}, REFUSED),
    Attack("roots", "for i in 1..10000 return sqrt(i)", {}, REFUSED),
    Attack(
        "contains over long texts", 'for i in 1..5000 return contains(x, "ab")', {"x": _repeat(90000, "a")}, REFUSED
    ),
]

BLOW_UPS = [
    Attack(
        "list doubling",
        "count(for i in 1..40 return if i = 1 then [1] else concatenate(partial[-1], partial[-1]))",
        {},
        REFUSED,
    ),
    Attack(
        "shared list as text",
        "string(for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]])",
        {},
        REFUSED,
    ),
    Attack(
        "shared list as result", "for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]]", {}, REFUSED
    ),
    Attack(
        "shared list compared",
        "{a: for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]],"
        " b: for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]], c: a = b}.c",
        {},
        REFUSED,
    ),
    Attack(
        "shared list flattened",
        "count(flatten(for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]]))",
        {},
        REFUSED,
    ),
    Attack("everything so far", "count(for i in 1..15000 return partial)", {}, REFUSED),
    Attack(
        "text doubling",
        'string length((for i in 1..40 return if i = 1 then "a" else partial[-1] + partial[-1])[-1])',
        {},
        REFUSED,
    ),
    Attack("replace amplification", f"string length({_REPLACED})", {}, REFUSED),
    Attack("string join", f'string length(string join(for i in 1..9000 return "{_repeat(1000, "a")}"))', {}, REFUSED),
    Attack(
        "join with a long delimiter", f'string join(for i in 1..9000 return "a", "{_repeat(1000, "a")}")', {}, REFUSED
    ),
    Attack("upper case in a loop", "for i in 1..9000 return upper case(x)", {"x": _repeat(90000, "a")}, REFUSED),
    Attack("split to pieces", 'for i in 1..900 return split(x, ",")', {"x": _repeat(9000, "a,")}, REFUSED),
    Attack("context growing", "for i in 1..9000 return context put(x, string(i), i)", {"x": {"a": 1}}, None),
    Attack(
        "entries of entries", "for i in 1..9000 return get entries(x)", {"x": {str(i): i for i in range(900)}}, REFUSED
    ),
    Attack("substring copies", "for i in 1..9000 return substring(x, 2)", {"x": _repeat(90000, "a")}, REFUSED),
    Attack("sublist copies", "for i in 1..9000 return sublist(x, 2)", {"x": list(range(9000))}, REFUSED),
]

NUMBERS = [
    Attack("tower of nines", "9**9**9**9**9", {}, None),
    Attack("two to the billion", "2**1000000000", {}, None),
    Attack("huge literal", "1e999999999 + 1", {}, None),
    Attack("product", "product(for i in 1..9000 return i)", {}, None),
    Attack("endless digits", "decimal(1/3, 6000000)", {}, None),
    Attack("long duration", '@"P999999999999Y" * 1e30', {}, None),
    Attack("far date", 'date("999999999-12-31") + @"P999999999Y"', {}, None),
    Attack("far date and time", '@"999999999-12-31T00:00:00" + @"P1Y"', {}, None),
    Attack("literal of 500 digits", _repeat(500, "9"), {}, REFUSED),
    Attack("number of 500 digits", f'number("{_repeat(500, "9")}")', {}, None),
    Attack("negative zero", "1 / -0", {}, None),
    Attack("position out of range", "[1, 2][1e6000]", {}, None),
    Attack("modulo of extremes", "modulo(1e6000, 1e-6000)", {}, None),
]

DEPTHS = [
    Attack("100,000 parentheses", _repeat(100_000, "(") + "1" + _repeat(100_000, ")"), {}, REFUSED),
    Attack("3,000 parentheses", _repeat(3000, "(") + "1" + _repeat(3000, ")"), {}, REFUSED),
    Attack("3,000 lists", _repeat(3000, "[") + "1" + _repeat(3000, "]"), {}, REFUSED),
    Attack("3,000 contexts", _repeat(3000, "{a:") + "1" + _repeat(3000, "}"), {}, REFUSED),
    Attack("3,000 types", "1 instance of " + _repeat(2000, "list<") + "number" + _repeat(2000, ">"), {}, REFUSED),
    Attack("5,000 minus signs", _repeat(5000, "-") + "1", {}, REFUSED),
    Attack("9,000 additions", "1" + _repeat(9000, "+1"), {}, REFUSED),
    Attack("4,000 paths", "a" + _repeat(4000, ".b"), {}, REFUSED),
    Attack("4,000 calls", "a" + _repeat(4000, "()"), {}, REFUSED),
    Attack("a chain of 2,000 ors", "false" + _repeat(2000, " or false"), {}, False),
    Attack("800 ifs", _repeat(800, "if a then 1 else ") + "2", {"a": False}, REFUSED),
    Attack("recursion", "{f: function(n) f(n+1), r: f(1)}.r", {}, REFUSED),
    Attack("omega", "(function(x) x(x))(function(x) x(x))", {}, REFUSED),
    Attack(
        "doubling recursion",
        "{f: function(g, n) if n = 0 then 1 else g(g, n-1) + g(g, n-1), r: f(f, 30)}.r",
        {},
        REFUSED,
    ),
    Attack("mutual recursion", "{f: function(n) g(n), g: function(n) f(n), r: f(1)}.r", {}, None),
]

PATTERNS = [
    Attack("nested plus", f'matches("{_repeat(40, "a")}!", "^(a+)+$")', {}, False),
    Attack("alternation", f'replace("{_repeat(60, "a")}!", "(a|aa)+$", "x")', {}, _repeat(60, "a") + "!"),
    Attack("split nested", f'count(split("{_repeat(40, "a")}!", "(a*)*b"))', {}, 1),
    Attack("repeated repetition", 'matches("a", "((a{1,1000}){1,1000}){1,1000}")', {}, None),
    Attack("back-reference", 'matches("aa", "(a)\\\\1")', {}, None),
    Attack("look-ahead", 'matches("aa", "a(?=a)")', {}, None),
    Attack("very long pattern", f'matches("a", "{_repeat(2000, "a?")}")', {}, None),
    Attack("long text in a loop", 'for i in 1..5000 return matches(x, "b$")', {"x": _repeat(90000, "a")}, REFUSED),
    Attack("empty match", 'replace("abc", "x*", "-")', {}, None),
    Attack("bad group", 'replace("abc", "b", "$")', {}, None),
]

PARSES = [
    Attack("in ( unbalanced", _repeat(200, "x in ("), {"x": 1}, REFUSED),
    Attack("(1 + unbalanced", _repeat(400, "(1 + "), {}, REFUSED),
    Attack("names without end", _repeat(4000, "a b "), {}, REFUSED),
    Attack("ranges unbalanced", _repeat(300, "[1.."), {}, REFUSED),
    Attack("comment without end", "1 /* " + _repeat(9000, "*"), {}, REFUSED),
    Attack("string without end", '"' + _repeat(9000, '\\"'), {}, REFUSED),
    Attack("too long", _repeat(30_000, " ") + "1", {}, REFUSED),
    Attack("null byte", "a\x00b", {}, REFUSED),
]

CHARACTERS = [
    Attack("full-width brackets", "（金额＞100）", {"金额": 200}, REFUSED),
    Attack("full-width digits", "金额 > １００", {"金额": 200}, REFUSED),
    Attack("full-width letters", "ｃｏｕｎｔ(x)", {"x": [1]}, REFUSED),
    Attack("compatibility code", "ｅｖａｌ('1+1')", {}, REFUSED),
    Attack("Chinese comma", "金额 in (1、2)", {"金额": 2}, REFUSED),
    Attack("Chinese full stop", "a。b", {"a": {"b": 1}}, REFUSED),
    Attack("Chinese semicolon", "a；b", {"a": 1}, REFUSED),
    Attack("Chinese quotation marks", "name = 「张三」", {"name": "张三"}, REFUSED),
    Attack("book title marks", "《a》 = 1", {"a": 1}, REFUSED),
    Attack("smart quotes", "name = “张三”", {"name": "张三"}, REFUSED),
    Attack("typographic minus", "a — 1", {"a": 1}, REFUSED),
    Attack("typographic comparison", "a ≥ 1", {"a": 1}, REFUSED),
    Attack("wave range", "a in [1～5]", {"a": 1}, REFUSED),
    Attack("right to left", "amount\u202e = 1", {"amount": 1}, REFUSED),
    Attack("isolates in a string", 'a = "x\u2066y\u2069"', {"a": "xy"}, REFUSED),
    Attack("zero-width joiner", "amo\u200dunt = 1", {"amount": 1}, REFUSED),
    Attack("zero-width space", "amo\u200bunt = 1", {"amount": 1}, REFUSED),
    Attack("word joiner", "amo\u2060unt = 1", {"amount": 1}, REFUSED),
    Attack("byte order mark", "\ufeffamount = 1", {"amount": 1}, REFUSED),
    Attack("soft hyphen", "amo\u00adunt = 1", {"amount": 1}, REFUSED),
    Attack("variation selector", "金\ufe00额 = 1", {"金额": 1}, REFUSED),
    Attack("invisible in a comment", "1 /* \u202e */", {}, REFUSED),
    Attack("lone surrogate escape", '"\\uD800" + "x"', {}, REFUSED),
    Attack("lone surrogate", '"\ud800"', {}, REFUSED),
    Attack("decomposed name", "re\u0301sume\u0301 = 1", {"r\u00e9sum\u00e9": 1}, True),
    Attack("astral substring", 'substring("😀张😀", 2, 1)', {}, "张"),
    Attack("ideographic space", "金额\u3000>\u30001", {"金额": 2}, True),
    Attack("Greek question mark", "a\u037e b", {"a": 1}, REFUSED),
    Attack("other digits", "a > ٣", {"a": 5}, None),
    Attack("fraction slash", "1 \u2044 2", {}, REFUSED),
]

ATTACKS = [*ESCAPES, *LOOPS, *BLOW_UPS, *NUMBERS, *DEPTHS, *PATTERNS, *PARSES, *CHARACTERS]
