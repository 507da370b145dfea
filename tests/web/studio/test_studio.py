"""The administrators' pages: whose version holds, what each file looks like, uploading a bundle and publishing it."""

from __future__ import annotations

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


MANIFEST = (ERRAND / "bundle.toml").read_bytes()


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
    """Upload a bundle into a draft, and see the check of the draft."""
    page = admin.get("/studio/upload")
    return page.submit("/studio/upload", bundle=(io.BytesIO(bundle), "bundle.zip"))


def proposed(author: Browser, bundle: bytes, **answers: str) -> Page:
    """Upload a bundle into a draft and ask a colleague; the proposal's page."""
    draft = check(author, bundle).follow(r"/studio/drafts/[0-9a-f]+$")
    return draft.submit("/propose$", **answers)


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


def test_what_two_people_publish_new_cases_take_while_running_ones_keep_theirs(
    as_person: AsPerson, platform: Platform
) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="旧案")

    proposal = proposed(as_person("admin"), with_longer_name(), title="改名")
    assert proposal.status == 200
    assert deployments(platform) == 1
    done = as_person("admin2").get(proposal.path.partition("?")[0]).submit("/approve$")

    assert done.status == 200
    assert deployments(platform) == 2
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="新案")
    worklist = as_person("reviewer.a").get("/").main
    assert "审核" in worklist
    assert "复核" in worklist
    versions = as_person("admin").get("/studio/files/hq:errand:process:errand@2")
    assert [link for link in versions.links if link.endswith("errand@1")]


def test_agreeing_twice_publishes_once(as_person: AsPerson, platform: Platform) -> None:
    proposal = proposed(as_person("admin"), with_longer_name()).path.partition("?")[0]
    page = as_person("admin2").get(proposal)

    first, second = page.submit("/approve$"), page.submit("/approve$")

    assert first.status == second.status == 200
    assert deployments(platform) == 2


def test_an_unchanged_bundle_is_refused(as_person: AsPerson, platform: Platform) -> None:
    page = check(as_person("admin"), packed())

    assert page.status == 422
    assert "/studio/drafts/" not in page.path
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
        (packed(bundle__toml=MANIFEST.replace(b"[roles]", b'roles = "x"\n[other]')), "roles"),
        (packed(bundle__toml=MANIFEST.replace(b'["clerk"]', b'"clerk"')), "start_roles"),
        (packed(bundle__toml=MANIFEST.replace(b'start_roles = ["clerk"]\n', b"")), "start_roles"),
        (packed(bundle__toml=MANIFEST.replace(b'number_prefix = "SX"', b"number_prefix = 7")), "number_prefix"),
        (packed(bundle__toml=MANIFEST.replace(b'start_form = "note"', b'start_form = "gone"')), "gone"),
        (packed(bundle__toml=MANIFEST.decode().encode("gbk")), "GBK"),
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
        "names of roles that are none",
        "one role in place of a list",
        "nobody who may begin",
        "a number for a text",
        "an unknown first form",
        "another encoding",
    ],
)
def test_a_bad_bundle_is_refused_with_what_is_wrong_and_changes_nothing(
    as_person: AsPerson, platform: Platform, bundle: bytes, said: str
) -> None:
    page = check(as_person("admin"), bundle)

    assert said in page.tree.xpath("//*[@class='errsum']")[0].text_content()
    if "/studio/drafts/" in page.path:
        page = page.follow(r"/studio/drafts/[0-9a-f]+$").submit("/propose$")
        assert said in page.tree.xpath("//*[@class='errsum']")[0].text_content()
    assert page.status == 422
    assert deployments(platform) == 1


def test_an_office_publishes_for_itself_alone(as_person: AsPerson, platform: Platform) -> None:
    proposal = proposed(as_person("admin.a"), with_longer_name()).path.partition("?")[0]
    as_person("admin2.a").get(proposal).submit("/approve$")

    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="东")
    as_person("clerk.b").get("/desk/start/errand").submit("/desk/start/errand", who="西")
    assert "复核" in as_person("reviewer.a").get("/").main
    assert "复核" not in as_person("reviewer.b").get("/").main


@pytest.mark.parametrize("login", ["clerk.a", "chief", "auditor"])
def test_nobody_but_administrators_enters(as_person: AsPerson, login: str) -> None:
    browser = as_person(login)

    for path in (
        "/studio",
        "/studio/upload",
        "/studio/drafts",
        "/studio/proposals",
        "/studio/files/hq:errand:process:errand@1",
    ):
        assert browser.get(path).status == 403
