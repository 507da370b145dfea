"""Publishing refuses what breaks the floor of the organisation at the top, over what it has published."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.commands.deployments import publish
from engine.commands.people import add_tenant
from engine.definition.bundle import Bundle
from engine.definition.overlay import lay_over
from engine.errors import Rejected
from engine.queries.verify import verify
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.floor.drafts import Edit, draft, drawn, national, profile, text
from tests.world import MORNING

MAIN = ("process", "disability_assessment")
SHORTER = b'[posting_days_min]\ntype = "integer"\nvalue = 7\n[county_review_days_max]\ntype = "integer"\nvalue = 7\n'


@pytest.fixture
def two_levels(sqlite_database: Database) -> Platform:
    platform = Platform(sqlite_database)

    def organisations(uow: Any) -> None:
        add_tenant(uow, "cn", None, "全国", "nation", None)
        add_tenant(uow, "41", "cn", "河南", "province", "41")

    platform.run(organisations, system_actor(), MORNING)
    put(platform, "cn", dict(national().resources))
    return platform


def put(platform: Platform, tenant: str, files: dict[tuple[str, str], bytes]) -> Any:
    bundle = Bundle("disability_assessment", "评残", files, national().manifest)
    return platform.run(lambda uow: publish(uow, bundle, tenant, ""), system_actor(), MORNING)


def changed(*edits: Edit, also: tuple[tuple[str, str], ...] = ()) -> dict[tuple[str, str], bytes]:
    """An override: only what differs from the nation, with the manifest and the main diagram."""
    files, before = draft(*edits), national().resources
    wanted = {place for place in files if files[place] != before.get(place)} | {MAIN, ("bundle", MAIN[1]), *also}
    return {place: files[place] for place in wanted}


def test_an_override_that_draws_the_assessment_away_is_refused_and_nothing_changes(two_levels: Platform) -> None:
    with pytest.raises(Rejected) as refusal:
        put(two_levels, "41", changed(drawn(MAIN[1], lambda d: d.retarget("flow_plan__visit", "post"))))

    assert refusal.value.params["number"] == "N1"
    assert "批准之前必须由指定评定机构评定" in str(refusal.value)
    assert re.search("方案生效 → 判断公示 .*准予发证", str(refusal.value))
    with two_levels.database.read() as connection:
        assert verify(connection).findings == ()


def test_an_override_that_adds_a_step_is_published(two_levels: Platform) -> None:
    step = {"role": "city_supervisor", "level": "city", "form": "county_review"}
    lane = drawn("extra_review", lambda d: d.before("extra_done", "userTask", "city_review", **step))

    assert len(put(two_levels, "41", changed(lane))["resources"]) >= 1


@pytest.mark.parametrize("value", [3, 4])
def test_a_diagram_of_the_nation_with_a_shorter_period_of_ones_own_is_refused(two_levels: Platform, value: int) -> None:
    with pytest.raises(Rejected) as refusal:
        put(two_levels, "41", changed(text("process", "publicity", "profile.posting_days_min)", f"{value})")))

    assert refusal.value.params["number"] == "N3"


def test_parameters_of_ones_own_stand_before_the_nations_and_the_rest_is_inherited(two_levels: Platform) -> None:
    own = {**changed(), ("profile", "disability_assessment"): SHORTER}
    assert put(two_levels, "41", own)["resources"]

    longer = {
        **own,
        ("profile", "disability_assessment"): SHORTER.replace(b"value = 7\n[county", b"value = 4\n[county"),
    }
    with pytest.raises(Rejected):
        put(two_levels, "41", longer)


def test_an_override_cannot_publish_a_floor_of_its_own(two_levels: Platform) -> None:
    with pytest.raises(Rejected, match="floor"):
        put(two_levels, "41", {**changed(), ("floor", "disability_assessment"): b""})


def test_the_organisation_at_the_top_may_change_its_floor_and_keeps_to_it(two_levels: Platform) -> None:
    with pytest.raises(Rejected):
        put(two_levels, "cn", draft(profile("objection_days", value=5, min=5)))

    softer = draft(profile("objection_days", value=5, min=5), text("floor", MAIN[1], "least = 10", "least = 5"))
    floor = softer[("floor", MAIN[1])].replace(b"days = 10\nafter = [", b"days = 5\nafter = [")
    softer[("floor", MAIN[1])] = floor.replace(b'days = 10\nafter = "review', b'days = 5\nafter = "review')
    assert put(two_levels, "cn", softer)["resources"]


def test_a_profile_is_laid_before_the_others() -> None:
    below = {("profile", "p"): b"1", ("profile", "p@1"): b"2", ("form", "f"): b"3"}

    found = lay_over(below, {("profile", "p"): b"0", ("form", "f"): b"4"})
    assert found == {("profile", "p"): b"0", ("profile", "p@1"): b"1", ("profile", "p@2"): b"2", ("form", "f"): b"4"}
