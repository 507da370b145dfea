"""An administrator at a screen: every click, entry and choice is counted, and nothing is used that they do not see."""

from __future__ import annotations

import re
from typing import Any

from tests.web.chromium import follow

MOVES_MAX = 40
WIDE = 300


class Hand:
    """``moves`` counts clicks, entries and choices; waiting and looking are free."""

    def __init__(self, tab: Any, site: str) -> None:
        self.tab, self.site = tab, site
        self.moves = 0

    # ------------------------------------------------------------------ the moves

    def click(self, found: Any) -> None:
        self.moves += 1
        found.click()

    def follow(self, found: Any) -> None:
        self.moves += 1
        follow(found)

    def fill(self, found: Any, text: str) -> None:
        self.moves += 1
        found.fill(text)

    def choose(self, found: Any, value: str) -> None:
        self.moves += 1
        found.select_option(value)

    def press(self, key: str) -> None:
        self.moves += 1
        self.tab.keyboard.press(key)

    # ------------------------------------------------------------------ the site

    def log_in(self, login: str) -> None:
        """By the demonstration's button; counted as any other click."""
        self.tab.context.clear_cookies()
        self.tab.goto(self.site + "/login")
        self.follow(self.tab.locator(f'button[value="{login}"]'))
        self.follow(self.tab.get_by_role("link", name="流程管理"))

    def adjust(self, kind: str, key: str) -> None:
        """“Adjust for …” beside a file in the list of procedures."""
        if "/studio" not in self.tab.url or "/drafts" in self.tab.url:
            self.follow(self.tab.get_by_role("link", name="流程管理"))
        form = self.tab.locator(f'form:has(input[name=kind][value="{kind}"]):has(input[name=key][value="{key}"])')
        button = form.locator("button.btn").first
        if not button.is_visible():
            self.click(self.tab.locator("details:not([open])").filter(has=button).locator("summary"))
        self.follow(button)
        if "/edit/" in self.tab.url:
            self.tab.wait_for_selector('html[data-ready="1"]')

    def set_parameter(self, key: str, value: str) -> None:
        """One local parameter on its page."""
        self.fill(self.tab.locator(f'[id="p.{key}"]'), value)

    def tick_parameter(self, key: str, *names: str) -> None:
        """Of what a parameter may list, these, by their words."""
        for name in names:
            self.click(self.tab.locator(f'[id="p.{key}"]').get_by_label(name, exact=True))

    def keep_parameters(self) -> None:
        """Save them, and stay."""
        self.follow(self.tab.locator("form[action*='/profile'] button.btn").first)

    def save_parameters(self) -> None:
        """Save them, and go to the draft they are in."""
        self.keep_parameters()
        draft = re.compile(r"/studio/drafts/[0-9a-f]+$")
        if not draft.search(self.tab.url.partition("?")[0]):
            links = self.tab.locator("main a").all()
            self.follow(next(link for link in links if draft.search(link.get_attribute("href") or "")))

    # ------------------------------------------------------------------ the editor of diagrams

    def select(self, element: str) -> None:
        """Click a shape in the picture; one that is out of sight after the whole picture is shown."""
        shape = self.tab.locator(f'.djs-element[data-element-id="{element}"] > .djs-hit').first
        if not self.sees(shape):
            self.click(self.tab.get_by_role("button", name="全图"))
        self.moves += 1
        corner = {"x": 8, "y": 8} if shape.bounding_box()["width"] > WIDE else None  # a lane is full of other shapes
        shape.click(position=corner, force=True)
        self.tab.wait_for_function(
            "id => shangmen.modeler.get('selection').get().some(one => one.id === id)", arg=element
        )

    def sees(self, shape: Any) -> bool:
        """Whether the middle of the shape lies within the part of the picture that is shown."""
        frame, box = self.tab.locator("#canvas").bounding_box(), shape.bounding_box()
        across, down = box["x"] + box["width"] / 2 - frame["x"], box["y"] + box["height"] / 2 - frame["y"]
        return bool(0 < across < frame["width"] and 0 < down < frame["height"])

    def add_after(self, element: str, kind: str, where: str = "") -> str:
        """The step menu's “add after this”, with the answer where it asks; returns the new shape's id."""
        self.from_menu(element, kind, where)
        new = (
            "known => /^(Activity|Event|Gateway)/.test(document.activeElement.dataset.elementId)"
            " && document.activeElement.dataset.elementId !== known"
        )
        self.tab.wait_for_function(new, arg=element)
        return str(self.tab.evaluate("document.activeElement.dataset.elementId"))

    def connect(self, element: str, target: str) -> None:
        """Draw a flow to the step that is called so."""
        self.from_menu(element, "连到", target)

    def from_menu(self, element: str, entry: str, answer: str = "") -> None:
        """An entry of a step's menu, and the answer to what it asks. What was just drawn is selected already."""
        chosen = "id => shangmen.modeler.get('selection').get().some(one => one.id === id)"
        if not self.tab.evaluate(chosen, element):
            self.select(element)
        self.click(self.tab.locator("#open-menu"))
        self.click(self.tab.get_by_role("menuitem", name=entry))
        if answer:
            self.moves += 1
            self.tab.locator("#answer").select_option(label=answer)
            self.click(self.tab.get_by_role("button", name="继续"))

    def tick(self, name: str) -> None:
        """A box of the panel, by its words."""
        self.click(self.tab.locator("#panel").get_by_label(name, exact=True))

    def remove(self, element: str) -> None:
        self.select(element)
        self.press("Delete")

    def property(self, name: str, value: str) -> None:
        """A field of the panel: a list to choose from, or a text."""
        field = self.tab.locator(f"#p-{name}")
        if field.evaluate("e => e.tagName") == "SELECT":
            self.choose(field, value)
        else:
            self.fill(field, value)

    def saved(self) -> None:
        """Waits until the server has everything."""
        self.tab.wait_for_selector("#saved:text-matches('^已保存')")
        self.tab.wait_for_function("() => !shangmen.saving.dirty")

    def to_draft(self) -> None:
        self.follow(self.tab.get_by_role("link", name="返回草稿"))

    # ------------------------------------------------------------------ the editors of tables and forms

    def cell(self, row: int, column: int, text: str) -> None:
        """What stands in a cell of a decision table, both counted from 1."""
        line = self.tab.locator("#canvas .tjs-container tbody tr").nth(row - 1)
        self.moves += 1
        line.locator("td").nth(column).locator("[contenteditable]").first.click()
        self.tab.keyboard.press("Control+A")
        self.tab.keyboard.insert_text(text)

    def hit_policy(self, name: str) -> None:
        """Which of several matching rows counts."""
        self.click(self.tab.locator(".hit-policy .dms-input-select"))
        self.click(self.tab.locator(".dms-select-options .option", has_text=name).first)

    def part(self, label: str) -> None:
        """Choose a part of a form from its list."""
        self.moves += 1
        parts = self.tab.locator("#parts")
        parts.select_option(value=parts.locator("option").filter(has_text=label).first.get_attribute("value"))

    def add_part(self, kind: str, label: str) -> None:
        """A question more, after the chosen part."""
        self.moves += 1
        self.tab.locator("#add-kind").select_option(label=kind)
        self.click(self.tab.locator("#add-part"))
        self.property("label", label)

    # ------------------------------------------------------------------ two people publish

    def check(self) -> tuple[str, int]:
        """The draft's own check: why it is refused ("" if it is not), and how many pictures show a way there."""
        self.follow(self.tab.locator("a[href$='/check']"))
        refusal = self.tab.locator(".errsum")
        said = str(refusal.inner_text()) if refusal.count() else ""
        ways = int(self.tab.locator("section[aria-labelledby=ways] svg.bpmn").count())
        self.tab.go_back()
        return said, ways

    def propose(self, title: str) -> str:
        self.fill(self.tab.locator("#what"), title)
        self.follow(self.tab.locator("form[action$='/propose'] button.btn"))
        assert "/proposals/" in self.tab.url, self.tab.inner_text("main")
        return str(self.tab.url.partition("?")[0])

    def approve(self, login: str, proposal: str) -> None:
        """Another administrator agrees."""
        self.log_in(login)
        self.follow(self.tab.locator(f"a[href='{proposal.removeprefix(self.site)}']").first)
        self.follow(self.tab.locator("form[action$='/approve'] button"))
        assert "done=approved" in self.tab.url, self.tab.inner_text("main")
