"""Small diagrams in a few words, for tests: ``kind id[: options]`` lines and ``a > b > c`` flows.

    user a
    xor x
    s > a > x
    x > a if again = true
    x > e default
    sub box [            elements up to the closing bracket are inside
    ]
    boundary b on a timer PT1H non-interrupting
    user a {{sm:role="clerk"}}
Kinds: start end task user script rule service receive send xor and or event complex sub transaction handler
adhoc call catch throw boundary. Flow ids are ``a_b``.
"""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "task",
    "user": "userTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "service": "serviceTask",
    "receive": "receiveTask",
    "send": "sendTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "event": "eventBasedGateway",
    "complex": "complexGateway",
    "sub": "subProcess",
    "handler": "subProcess",
    "transaction": "transaction",
    "adhoc": "adHocSubProcess",
    "call": "callActivity",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
}
_ROOTS = {"message": "message", "signal": "signal", "error": "error", "escalation": "escalation"}


class Drawing:
    """One process in the making; ``xml()`` is its BPMN."""

    def __init__(self, text: str, process: str = "p", attributes: str = "") -> None:
        self.process, self.attributes = process, attributes
        self.kinds: dict[str, str] = {}
        self.flows: list[str] = []
        self.roots: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        self.associations: list[str] = []
        lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
        for line in lines:
            if ">" in line and line.split()[1] == ">":
                self._note_default(line)
        self.body = self._scope(iter(lines))

    def xml(self) -> bytes:
        roots = "".join(self.roots.values())
        return (
            '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:sm="urn:shangmen:bpmn:1" targetNamespace="t">'
            f'{roots}<bpmn:process id="{self.process}" name="P" isExecutable="true" {self.attributes}>{self.body}'
            f"{''.join(self.associations)}</bpmn:process></bpmn:definitions>"
        ).encode()

    def _note_default(self, line: str) -> None:
        if line.endswith(" default"):
            source, _, target = line.split()[:3]
            self.defaults[source] = f"{source}_{target}"

    def _scope(self, lines: object) -> str:
        out = []
        for line in lines:  # type: ignore[attr-defined]
            if line == "]":
                break
            words = line.split()
            if len(words) > 2 and words[1] == ">":
                out.append(self._flow(line))
            else:
                out.append(self._element(line, lines))
        return "".join(out)

    def _flow(self, line: str) -> str:
        chain, _, condition = line.partition(" if ")
        ids = [part.strip() for part in chain.removesuffix(" default").split(">")]
        found = []
        for source, target in pairwise(ids):
            inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
            found.append(
                f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
                f"{inner}</bpmn:sequenceFlow>"
            )
        return "".join(found)

    def _element(self, line: str, lines: object) -> str:
        kind, key, *rest = line.split(None, 2)
        options = rest[0] if rest else ""
        tag, attributes, inner = _TAGS[kind], "", ""
        attributes += self._take(r"\{\{(.*?)\}\}", options)
        options = re.sub(r"\{\{.*?\}\}", "", options).strip()
        if key in self.defaults:
            attributes += f' default="{self.defaults[key]}"'
        if kind == "handler":
            attributes += ' triggeredByEvent="true"'
        if "for-compensation" in options:
            attributes += ' isForCompensation="true"'
        if kind == "boundary":
            host = re.search(r"\bon (\w+)", options)
            attributes += f' attachedToRef="{host[1]}"' if host else ""
            attributes += ' cancelActivity="false"' if "non-interrupting" in options else ""
            options = re.sub(r"\bon \w+", "", options).strip()
        if " ++ " in options:
            attributes += ' parallelMultiple="true"'
            options = options.replace(" ++ ", " + ")
        if kind == "start" and "non-interrupting" in options:
            attributes += ' isInterrupting="false"'
        if kind in ("start", "end", "catch", "throw", "boundary"):
            inner += self._event(key, options)
        if kind in ("receive", "send"):
            attributes += f' messageRef="{self._root("message", options.split()[-1])}"'
        if kind == "script":
            attributes += ' scriptFormat="feel"'
            inner += f"<bpmn:script>{escape(self._script(line))}</bpmn:script>"
        if kind == "call":
            attributes += f' calledElement="{options.split()[0]}"'
        inner += self._loop(options)
        if options.endswith("["):
            inner += self._scope(lines)
        if kind == "complex" and "when" in options:
            inner += f"<bpmn:activationCondition>{escape(options.split('when ')[1])}</bpmn:activationCondition>"
        if kind == "adhoc" and "until" in options:
            text = options.split("until ")[1].removesuffix("[").strip()
            inner += f"<bpmn:completionCondition>{escape(text)}</bpmn:completionCondition>"
        return f"<bpmn:{tag} id={quoteattr(key)} name={quoteattr(key)} {attributes}>{inner}</bpmn:{tag}>"

    def _script(self, line: str) -> str:
        return line.partition("do ")[2] if "do " in line else "{}"

    def _take(self, pattern: str, options: str) -> str:
        found = re.search(pattern, options)
        return " " + found[1] if found else ""

    def _root(self, kind: str, name: str) -> str:
        key = f"{kind}_{name}"
        code = (
            f' errorCode="{name}"' if kind == "error" else f' escalationCode="{name}"' if kind == "escalation" else ""
        )
        self.roots[key] = f'<bpmn:{kind} id="{key}" name="{name}"{code}/>'
        return key

    def _event(self, key: str, options: str) -> str:
        options = options.replace("non-interrupting", "")
        if " + " in options:
            return "".join(self._event(key, part.strip()) for part in options.split(" + "))
        words = options.split(None, 1)
        if not words:
            return ""
        kind, name = words[0], words[1].strip() if len(words) > 1 else ""
        if kind == "timer":
            tag = "timeCycle" if name.startswith("R") else "timeDuration" if name.startswith("P") else "timeDate"
            return f"<bpmn:timerEventDefinition><bpmn:{tag}>{escape(name)}</bpmn:{tag}></bpmn:timerEventDefinition>"
        if kind in _ROOTS:
            ref = f' {kind}Ref="{self._root(kind, name)}"' if name else ""
            return f"<bpmn:{kind}EventDefinition{ref}/>"
        if kind == "conditional":
            condition = f"<bpmn:condition>{escape(name)}</bpmn:condition>"
            return f"<bpmn:conditionalEventDefinition>{condition}</bpmn:conditionalEventDefinition>"
        if kind == "link":
            return f'<bpmn:linkEventDefinition name="{name}"/>'
        if kind == "compensate":
            if name.startswith("by "):
                self.associations_for(key, name[3:])
                return "<bpmn:compensateEventDefinition/>"
            ref = f' activityRef="{name}"' if name else ""
            return f"<bpmn:compensateEventDefinition{ref}/>"
        return f"<bpmn:{kind}EventDefinition/>"

    def associations_for(self, source: str, target: str) -> None:
        self.roots[f"association_{source}"] = ""
        self.associations.append(f'<bpmn:association id="assoc_{source}" sourceRef="{source}" targetRef="{target}"/>')

    def _loop(self, options: str) -> str:
        each = re.search(r"(each|one-by-one) (\w+) in (\S+)(?: out (\w+)=(\S+))?", options)
        if each:
            out = f' sm:outputCollection="{each[4]}" sm:outputElement="{each[5]}"' if each[4] else ""
            done = re.search(r"enough (.+?)(?:\[|$)", options)
            inner = f"<bpmn:completionCondition>{escape(done[1].strip())}</bpmn:completionCondition>" if done else ""
            return (
                f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(each[1] != "each").lower()}" '
                f'sm:collection="={each[3]}" sm:element="{each[2]}"{out}>{inner}'
                "</bpmn:multiInstanceLoopCharacteristics>"
            )
        loop = re.search(r"(while|until-first) (.+?)(?: max (\d+))?(?:\[|$)", options)
        if loop and loop[1] == "while":
            maximum = f' loopMaximum="{loop[3]}"' if loop[3] else ""
            return (
                f"<bpmn:standardLoopCharacteristics{maximum}><bpmn:loopCondition>{escape(loop[2].strip())}"
                "</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
            )
        return ""
