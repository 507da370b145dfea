"""The administrators' pages: whose version holds, what each file looks like, and publishing a checked bundle."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import ERRAND

AsPerson = Callable[[str], Browser]
SOURCE = (ERRAND / "errand.bpmn").read_bytes()
CHECK = (ERRAND / "forms/errand/check.form.json").read_bytes()


def packed(**changed: bytes | None) -> bytes:
    """The errand's bundle as a .zip. ``changed``: file (``__`` for its dots) → new content, None to leave it out."""
    wanted = {name.replace("__", "."): content for name, content in changed.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(ERRAND.rglob("*")):
            if file.is_file():
                content = wanted.pop(file.name, file.read_bytes())
                if content is not None:
                    archive.writestr(f"forms/{file.name}" if file.suffix == ".json" else file.name, content)
        for name, content in wanted.items():
            if content is not None:
                archive.writestr(name, content)
    return out.getvalue()


def with_longer_name() -> bytes:
    """The errand with another name for one step."""
    return packed(errand__bpmn=SOURCE.replace("审核".encode(), "复核".encode()))


def check(admin: Browser, bundle: bytes) -> Page:
    page = admin.get("/studio/publish")
    return page.submit("/studio/check", bundle=(io.BytesIO(bundle), "bundle.zip"))


def deployments(platform: Platform) -> int:
    with platform.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(t.deployment)).scalar_one())


def test_the_catalogue_lists_every_file_with_its_publisher_and_version(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio")

    files = [link for link in page.links if link.startswith("/studio/files/")]
    assert len(files) == len([file for file in ERRAND.rglob("*") if file.is_file()])
    assert "总部" in page.main


def test_an_office_sees_what_it_inherits(as_person: AsPerson) -> None:
    assert as_person("admin.a").get("/studio").main.count("总部") >= 5


def test_an_office_cannot_look_at_another(as_person: AsPerson) -> None:
    admin = as_person("admin.a")

    assert admin.get("/studio?unit=a").status == 200
    assert admin.get("/studio?unit=b").status == 404
    assert admin.get("/studio?unit=nowhere").status == 404


def test_every_file_can_be_looked_at_and_downloaded_as_it_was_published(as_person: AsPerson) -> None:
    admin = as_person("admin")
    originals = {file.read_bytes() for file in ERRAND.rglob("*") if file.is_file()}

    for link in admin.get("/studio").links:
        if link.startswith("/studio/files/"):
            page = admin.get(link)
            assert page.status == 200, link
            content = page.follow(r"/download$").response.get_data()
            assert content in originals, link


def test_a_diagram_is_shown_as_a_picture_and_in_words(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio/files/hq:errand:process:errand@1")

    assert page.tree.xpath("//*[@data-id='check']")
    assert page.tree.xpath("//li[@data-step='check']")


def test_a_form_is_shown_as_it_is_asked(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio/files/hq:errand:form:check@1")

    assert page.tree.xpath("//fieldset[@disabled]//input[@type='radio'][@name='opinion']")


def test_a_checked_bundle_is_published_and_new_cases_take_it_while_running_ones_keep_theirs(
    as_person: AsPerson, platform: Platform
) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="旧案")
    admin = as_person("admin")

    reviewed = check(admin, with_longer_name())
    assert reviewed.status == 200
    assert deployments(platform) == 1
    done = reviewed.submit("/studio/publish", _title="改名")

    assert done.status == 200
    assert deployments(platform) == 2
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="新案")
    worklist = as_person("reviewer.a").get("/").main
    assert "审核" in worklist
    assert "复核" in worklist
    versions = admin.get("/studio/files/hq:errand:process:errand@2")
    assert [link for link in versions.links if link.endswith("errand@1")]


def test_sending_the_same_publication_twice_publishes_once(as_person: AsPerson, platform: Platform) -> None:
    reviewed = check(as_person("admin"), with_longer_name())

    first, second = reviewed.submit("/studio/publish"), reviewed.submit("/studio/publish")

    assert first.status == 200
    assert second.status in {200, 422}
    assert deployments(platform) == 2


def test_an_unchanged_bundle_is_refused(as_person: AsPerson, platform: Platform) -> None:
    page = check(as_person("admin"), packed())

    assert page.status == 422
    assert not page.tree.xpath("//form[contains(@action,'/studio/publish')]")
    assert deployments(platform) == 1


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (b"", "zip"),
        (b"not a zip", "ZIP"),
        (packed(bundle__toml=None), "bundle.toml"),
        (packed(evil__exe=b"MZ"), "evil.exe"),
        (packed(errand__bpmn=b"<broken"), "errand"),
        (packed(errand__bpmn=b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'), "errand"),
        (packed(check__form__json=b"{}"), "check"),
        (packed(check__form__json=CHECK.replace(b'!= \\"refuse', b'!= \\"slip')), "slip"),
        (packed(errand__bpmn=SOURCE.replace(b'sm:form="check"', b'sm:form="nowhere"')), "nowhere"),
    ],
    ids=[
        "nothing",
        "no zip",
        "no manifest",
        "a program",
        "broken XML",
        "a DOCTYPE",
        "no form",
        "a slip",
        "an unknown form",
    ],
)
def test_a_bad_bundle_is_refused_with_what_is_wrong_and_changes_nothing(
    as_person: AsPerson, platform: Platform, bundle: bytes, said: str
) -> None:
    page = check(as_person("admin"), bundle)

    assert page.status == 422
    assert said in page.tree.xpath("//*[@class='errsum']")[0].text_content()
    assert deployments(platform) == 1


def test_a_publication_that_was_not_checked_is_checked_all_the_same(as_person: AsPerson, platform: Platform) -> None:
    reviewed = check(as_person("admin"), with_longer_name())

    bad = base64.b64encode(packed(errand__bpmn=b"<broken")).decode()
    for sent in (bad, "", "%%%"):
        assert reviewed.submit("/studio/publish", _bundle=sent).status == 422
    assert deployments(platform) == 1


def test_an_office_publishes_for_itself_alone(as_person: AsPerson, platform: Platform) -> None:
    check(as_person("admin.a"), with_longer_name()).submit("/studio/publish")

    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="东")
    as_person("clerk.b").get("/desk/start/errand").submit("/desk/start/errand", who="西")
    assert "复核" in as_person("reviewer.a").get("/").main
    assert "复核" not in as_person("reviewer.b").get("/").main


@pytest.mark.parametrize("login", ["clerk.a", "chief", "auditor"])
def test_nobody_but_administrators_enters(as_person: AsPerson, login: str) -> None:
    browser = as_person(login)

    for path in ("/studio", "/studio/publish", "/studio/files/hq:errand:process:errand@1"):
        assert browser.get(path).status == 403
