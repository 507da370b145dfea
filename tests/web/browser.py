"""A browser without scripts for the tests: opens pages, follows links and redirects, fills in and sends forms."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

REDIRECTS_MAX = 5


class Page:
    """One answer, read as a person would read it."""

    def __init__(self, browser: Browser, path: str, response: TestResponse) -> None:
        self.browser, self.path, self.response = browser, path, response
        self.status = response.status_code
        self.source = (
            response.get_data(as_text=True) if response.mimetype.startswith(("text", "application/json")) else ""
        )
        is_page = response.mimetype == "text/html" and self.source
        self.tree: Any = html.fromstring(self.source) if is_page else None

    @property
    def text(self) -> str:
        """The words on the page, blanks squeezed."""
        return " ".join(self.tree.text_content().split()) if self.tree is not None else self.source

    @property
    def title(self) -> str:
        return str(self.tree.findtext(".//title"))

    @property
    def main(self) -> str:
        """The words of the main part."""
        return " ".join(self.tree.get_element_by_id("main").text_content().split())

    @property
    def links(self) -> list[str]:
        return [str(link) for link in self.tree.xpath("//a/@href")]

    def link(self, pattern: str) -> str:
        """The first link whose address matches."""
        return next(link for link in self.links if re.search(pattern, link))

    def follow(self, pattern: str) -> Page:
        """Click the first link whose address matches."""
        return self.browser.get(self.link(pattern))

    def form(self, action: str = "") -> Any:
        """The first form that posts to an address matching ``action``, or has a button that does."""
        for form in self.tree.xpath("//form[translate(@method,'POST','post')='post']"):
            targets = [form.get("action") or self.path, *form.xpath(".//button/@formaction")]
            if any(re.search(action, target) for target in targets):
                return form
        raise AssertionError(f"no form for {action} on {self.path}")

    def submit(self, action: str = "", **answers: Any) -> Page:
        """Fill in and send a form; what is not named keeps what the page says. A list answers several boxes."""
        form = self.form(action)
        data: dict[str, Any] = {}
        for field in form.xpath(".//input|.//select|.//textarea"):
            name, kind = field.get("name"), field.get("type")
            if not name or kind == "file" or (kind in {"checkbox", "radio"} and field.get("checked") is None):
                continue
            if field.tag == "select":
                chosen = field.xpath("./option[@selected]/@value") or field.xpath("./option/@value")[:1]
                data.setdefault(name, []).extend(chosen)
            else:
                data.setdefault(name, []).append(
                    field.text or "" if field.tag == "textarea" else field.get("value", "")
                )
        data.update(answers)
        own = form.get("action") or self.path
        target = (
            own
            if re.search(action, own)
            else next(t for t in form.xpath(".//button/@formaction") if re.search(action, t))
        )
        return self.browser.post(target, data)


class Browser:
    """Keeps cookies and follows redirects. ``trail`` are the paths of the last answer's redirects."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.trail: list[str] = []

    def log_in(self, login: str, password: str, why: str = "检查方案2026-3") -> Page:
        """Log in; who is asked first what for says ``why``, or with "" is left at the question."""
        page = self.get("/login").submit("/login", login=login, password=password)
        if why and self.trail[-1].startswith("/purpose"):
            page = page.submit("/purpose", purpose="inspection", words=why)
        return page

    def get(self, path: str, **options: Any) -> Page:
        return self._open("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Page:
        return self._open("POST", path, data=data or {}, **options)

    def _open(self, method: str, path: str, **options: Any) -> Page:
        response = self.client.open(path, method=method, **options)
        self.trail = [path]
        while response.status_code in {301, 302, 303, 307} and len(self.trail) <= REDIRECTS_MAX:
            path = response.headers["Location"]
            self.trail.append(path)
            response = self.client.get(path)
        return Page(self, path, response)
