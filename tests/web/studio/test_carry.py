"""Carrying: the same files are the same bytes, and what is carried out comes in elsewhere through the same checks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from engine.definition.bundle import read_folder, read_zip
from engine.definition.carry import flat_profile, named, pack
from engine.definition.profile import resolve_profile
from engine.store.run import Platform
from tests.web.conftest import ERRAND
from tests.web.studio.test_catalogue import adjust, profile_of, published_by_two, with_parameters
from tests.web.studio.test_studio import CHECK, AsPerson, check, proposed, with_longer_name
from web.cli import main

__all__ = ["with_parameters"]


def test_the_same_files_are_the_same_bytes_whatever_the_order_or_the_time() -> None:
    whole = read_folder(ERRAND, ERRAND / "forms")
    backwards = dict(reversed(list(whole.resources.items())))

    assert pack(whole.resources) == pack(backwards)
    assert read_zip(pack(whole.resources)).resources == whole.resources
    with zipfile.ZipFile(io.BytesIO(pack(whole.resources))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert archive.namelist() == sorted(archive.namelist())


def test_the_whole_comes_in_elsewhere_and_goes_out_the_same(as_person: AsPerson) -> None:
    admin = as_person("admin.a")
    changed = proposed(admin, with_longer_name()).path.partition("?")[0]
    as_person("admin2.a").get(changed).submit("/approve$")
    carried = admin.get("/studio/carry/errand?what=whole").response.get_data()
    head = as_person("admin")

    draft = check(head, carried)
    assert draft.status == 200
    published_by_two(head, as_person("admin2"), draft.follow(r"/studio/drafts/[0-9a-f]+$"))

    assert head.get("/studio/carry/errand?what=whole").response.get_data() == carried
    assert check(head, carried).status == 422


def test_only_its_own_is_carried_with_the_manifest_and_comes_in_without_the_main_diagram(as_person: AsPerson) -> None:
    admin = as_person("admin.a")
    draft = adjust(admin, "words").follow(r"/studio/drafts/[0-9a-f]+$").path.partition("?")[0]
    admin.get(f"{draft}/text/form/check").submit("/text/form/check$", content=CHECK.decode().replace("意见", "看法"))
    published_by_two(admin, as_person("admin2.a"), admin.get(draft))

    carried = admin.get("/studio/carry/errand?what=own").response.get_data()

    with zipfile.ZipFile(io.BytesIO(carried)) as archive:
        assert archive.namelist() == ["bundle.toml", "forms/check.form.json"]
    assert check(as_person("admin"), carried).status == 200


def test_nobody_carries_away_what_they_may_not_see(as_person: AsPerson) -> None:
    admin = as_person("admin.a")

    assert admin.get("/studio/carry/errand?unit=b&what=whole").status == 404
    assert admin.get("/studio/carry/errand?what=own").status == 404
    assert admin.get("/studio/carry/nowhere?what=whole").status == 404


def test_parameters_are_carried_as_one_file_with_the_values_that_hold() -> None:
    root = b'# top\ndays = { type = "integer", value = 5, max = 9 } # why\nhours = { type = "integer", value = 3 }\n'
    near = b'days = { type = "integer", value = 7 }\nmore = { type = "string", value = "x" }\n'

    flat = flat_profile([near, root])

    assert resolve_profile([flat]) == resolve_profile([near, root])
    assert flat.startswith(b'# top\ndays = { type = "integer", value = 7, max = 9 } # why\n')


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_the_command_line_writes_a_folder_or_a_zip(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    whole = read_folder(ERRAND, ERRAND / "forms")

    main(["export", "errand", "a", str(tmp_path / target)])

    if target.endswith(".zip"):
        assert read_zip((tmp_path / target).read_bytes()).resources == whole.resources
    else:
        files = {p.relative_to(tmp_path / target).as_posix(): p.read_bytes() for p in (tmp_path / target).rglob("*.*")}
        assert files == named(whole.resources)


def test_who_takes_a_whole_over_keeps_inheriting_what_does_not_differ(
    as_person: AsPerson, with_parameters: Platform
) -> None:
    """Of the parameters only the one that is another becomes one's own; the rest follows who is above."""
    admin = as_person("admin.a")
    carried = admin.get("/studio/carry/errand?what=whole").response.get_data()
    assert check(admin, carried).status == 422, "nothing differs"

    draft = check(admin, with_value(carried, "value = 5", "value = 7"))
    published_by_two(admin, as_person("admin2.a"), draft.follow(r"/studio/drafts/[0-9a-f]+$"))

    assert profile_of(with_parameters) == {"days": {"type": "integer", "value": 7}}
    assert check(admin, with_value(carried, "value = 5", "value = 7")).status == 422, "the same again is nothing new"


def test_a_profile_with_narrower_bounds_is_taken_as_it_is(as_person: AsPerson, with_parameters: Platform) -> None:
    admin = as_person("admin.a")
    carried = admin.get("/studio/carry/errand?what=whole").response.get_data()

    draft = check(admin, with_value(carried, "max = 10", "max = 8"))
    published_by_two(admin, as_person("admin2.a"), draft.follow(r"/studio/drafts/[0-9a-f]+$"))

    assert profile_of(with_parameters)["days"]["max"] == 8


def with_value(carried: bytes, old: str, new: str) -> bytes:
    """An archive with something else in its parameters."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(carried)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old.encode(), new.encode()) if name == "profile.toml" else content)
    return out.getvalue()
