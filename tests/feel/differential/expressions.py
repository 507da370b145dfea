"""Random expressions such as forms and gateways hold, and the case they are asked about, in both evaluators' forms."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.analysis import Kind, kind_named

CASE: dict[str, Any] = {
    "金额": Decimal("1500.5"),
    "n": 3,
    "zero": 0,
    "name": "张三",
    "dept": "finance",
    "empty": "",
    "flag": True,
    "off": False,
    "no_number": None,
    "no_text": None,
    "no_truth": None,
    "申请人": {"年龄": 41, "部门": "科技处"},
    "items": [{"p": 10, "q": 2}, {"p": Decimal("2.5"), "q": 4}, {"p": 7, "q": 0}],
    "nums": [3, 1, 2],
    "strs": ["a", "乙", "c"],
    "d1": date(2026, 3, 1),
    "d2": date(2026, 12, 31),
    "no_date": None,
}
"""As the server holds it."""

_NUMBER, _INTEGER, _STRING = (kind_named(name).certain() for name in ("number", "integer", "string"))
KINDS: dict[str, str | Kind] = {
    "金额": "number",
    "n": "integer",
    "zero": "integer",
    "name": "string",
    "dept": "string",
    "empty": "string",
    "flag": "boolean",
    "off": "boolean",
    "no_number": "number",
    "no_text": "string",
    "no_truth": "boolean",
    "申请人": Kind("context", False, members={"年龄": _INTEGER, "部门": _STRING}),
    "items": Kind("list", False, Kind("context", False, members={"p": _NUMBER, "q": _INTEGER})),
    "nums": Kind("list", False, _INTEGER),
    "strs": Kind("list", False, _STRING),
    "d1": "date",
    "d2": "date",
    "no_date": "date",
}


def browser_case() -> dict[str, Any]:
    """The same case as form-js holds it: numbers as JSON numbers, dates as texts."""

    def plain(value: Any) -> Any:
        match value:
            case Decimal():
                return float(value)
            case date():
                return value.isoformat()
            case list():
                return [plain(item) for item in value]
            case dict():
                return {key: plain(item) for key, item in value.items()}
        return value

    return {key: plain(value) for key, value in CASE.items()}


class Expressions:
    """An endless supply of expressions, decided by a seed. ``depth`` bounds the nesting."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def next(self) -> str:
        make = self._random.choice([self.truth, self.truth, self.number, self.text, self.numbers, self.texts])
        return make(3)

    def _one(self, *choices: str) -> str:
        return self._random.choice(choices)

    def number(self, depth: int) -> str:
        draw = self._random.random()
        if depth <= 0 or draw < 0.4:
            return self._one(
                "1", "2", "10", "0", "0.5", "2.25", "100", "-3", "金额", "n", "zero", "申请人.年龄", "no_number"
            )
        if draw < 0.65:
            return f"({self.number(depth - 1)} {self._one(*'+-*/')} {self.number(depth - 1)})"
        return self._random.choice(self._NUMBERS)(self, depth - 1)

    _NUMBERS = (
        lambda self, d: f"count({self._random.choice([self.numbers, self.texts])(d)})",
        lambda self, d: f"{self._one('sum', 'min', 'max', 'mean')}({self.numbers(d)})",
        lambda self, d: f"string length({self.text(d)})",
        lambda self, d: f"{self._one('abs', 'floor', 'ceiling')}({self.number(d)})",
        lambda self, d: (
            f"{self._one('round up', 'round down', 'round half down')}({self.number(d)}, {self._one('0', '1')})"
        ),
        lambda self, d: f"date({self._one('d1', 'd2')}).{self._one('year', 'month', 'day', 'weekday')}",
        lambda self, d: f"modulo({self.number(d)}, {self.number(d)})",
        lambda self, d: f"decimal({self.number(d)}, {self._one('0', '1', '2')})",
        lambda self, d: f"round half up({self.number(d)}, {self._one('0', '1', '2')})",
        lambda self, d: f"nums[{self._one('1', '2', '4', '-1')}]",
        lambda self, d: f"items[{self._one('1', '3', '9')}].{self._one('p', 'q')}",
        lambda self, d: f"items[{self.truth_of_item()}][1].p",
        lambda self, d: f"if {self.truth(d)} then {self.number(d)} else {self.number(d)}",
        lambda self, d: f"-{self.number(d)}",
        lambda self, d: f"index of({self.numbers(d)}, {self.number(0)})[1]",
    )

    def text(self, depth: int) -> str:
        draw = self._random.random()
        if depth <= 0 or draw < 0.4:
            return self._one(
                '"a"', '"张三"', '"finance"', '""', "name", "dept", "empty", "申请人.部门", "no_text", '"2026"'
            )
        if draw < 0.55:
            return f"({self.text(depth - 1)} + {self.text(depth - 1)})"
        return self._random.choice(self._TEXTS)(self, depth - 1)

    _TEXTS = (
        lambda self, d: f"{self._one('upper case', 'lower case')}({self.text(d)})",
        lambda self, d: f"substring({self.text(d)}, {self._one('1', '2', '9')}{self._one('', ', 1', ', 2')})",
        lambda self, d: f"{self._one('substring before', 'substring after')}({self.text(d)}, {self.text(0)})",
        lambda self, d: f"string({self._random.choice([self.number, self.truth, self.text])(d)})",
        lambda self, d: f"strs[{self._one('1', '2', '4', '-1')}]",
        lambda self, d: f'string join({self.texts(d)}, "-")',
        lambda self, d: f"if {self.truth(d)} then {self.text(d)} else {self.text(d)}",
        lambda self, d: f'replace({self.text(d)}, "{self._one("a", "[a-f]+", "n(.)")}", "{self._one("b", "", "<x>")}")',
    )

    def truth(self, depth: int) -> str:
        draw = self._random.random()
        if depth <= 0 or draw < 0.1:
            return self._one("true", "false", "flag", "off", "no_truth")
        if draw < 0.35:
            return f"({self.number(depth - 1)} {self._one('=', '!=', '<', '<=', '>', '>=')} {self.number(depth - 1)})"
        if draw < 0.45:
            return f"({self.text(depth - 1)} {self._one('=', '!=', '<', '>=')} {self.text(depth - 1)})"
        if draw < 0.6:
            return f"({self.truth(depth - 1)} {self._one('and', 'or')} {self.truth(depth - 1)})"
        return self._random.choice(self._TRUTHS)(self, depth - 1)

    _TRUTHS = (
        lambda self, d: f"not({self.truth(d)})",
        lambda self, d: f"{self._one('odd', 'even')}({self.number(d)})",
        lambda self, d: f"({self.number(d)} in {self._one('[1..10]', '(1..10]', '(1, 2, 3)', '(< 5)', '(1, [5..9])')})",
        lambda self, d: f'({self.text(d)} in ("a", "张三"))',
        lambda self, d: f"({self.number(d)} between {self._one('1 and 10', '-5 and 2.5', '0 and 0')})",
        lambda self, d: f"{self._one('contains', 'starts with', 'ends with')}({self.text(d)}, {self.text(0)})",
        lambda self, d: f"list contains({self.texts(d)}, {self.text(d)})",
        lambda self, d: f"list contains({self.numbers(d)}, {self.number(d)})",
        lambda self, d: (
            f"({self._one('some', 'every')} x in {self.numbers(d)} satisfies x {self._one('>', '<=', '=')} 2)"
        ),
        lambda self, d: f"({self.day()} {self._one('<', '<=', '=', '!=', '>')} {self.day()})",
        lambda self, d: f"({self._one('d1', 'no_date', 'no_text', 'no_number', 'n')} {self._one('=', '!=')} null)",
        lambda self, d: f"({self._random.choice([self.number, self.text])(d)} {self._one('=', '!=')} null)",
        lambda self, d: f'matches({self.text(d)}, "{self._one("^[a-z]+$", "张", "[0-9]{4}", "a|b")}")',
        lambda self, d: f"(count(items[{self.truth_of_item()}]) > 1)",
        lambda self, d: f"{self._one('all', 'any')}([{self.truth(d)}, {self.truth(d)}])",
        lambda self, d: f"if {self.truth(d)} then {self.truth(d)} else {self.truth(d)}",
    )

    def truth_of_item(self) -> str:
        return f"{self._one('p', 'q', 'item.p')} {self._one('>', '=', '<=')} {self.number(0)}"

    def day(self) -> str:
        day = self._one("date(d1)", "date(d2)", 'date("2026-03-04")', "date(no_date)", 'date("2026-02-30")')
        return day + self._one("", "", ' + duration("P3D")', ' - duration("P1M")', ' + duration("P1Y")')

    def numbers(self, depth: int) -> str:
        return self._one(
            "nums",
            "items.p",
            "items.q",
            "[]",
            f"[{self.number(depth - 1)}, {self.number(depth - 1)}]",
            f"for i in items return i.p * {self.number(0)}",
            f"for i in 1..{self._one('1', '3', '5')} return i * {self.number(0)}",
            f"nums[item > {self.number(0)}]",
            f"concatenate(nums, [{self.number(0)}])",
            f"append(nums, {self.number(0)})",
            "reverse(nums)",
            f"union(nums, [{self.number(0)}])",
            f"distinct values([1, 2, 1, {self.number(0)}])",
            f"for i in items[{self.truth_of_item()}] return i.q",
        )

    def texts(self, depth: int) -> str:
        return self._one(
            "strs",
            "[]",
            f"[{self.text(depth - 1)}, {self.text(depth - 1)}]",
            f"append(strs, {self.text(0)})",
            "reverse(strs)",
            'distinct values(["a", "a", "b"])',
            'split("a,b", ",")',
            f"for s in strs return s + {self.text(0)}",
            f"strs[item = {self.text(0)}]",
        )
