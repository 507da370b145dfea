"""``kill -9`` of site and worker while people work: nothing acknowledged is lost, nothing is done twice, all cases end.

``SHANGMEN_KILLS`` says how often in all (120 by default; a release is tried with 200), ``SHANGMEN_SEED`` repeats a
game's choices.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from engine.store.database import Database
from tests.simulation.game import Game, count

KILLS = int(os.environ.get("SHANGMEN_KILLS", "120")) // 2  # for each kind of database
SECONDS_A_KILL_MAX = 2.0
FINISH_SECONDS_MAX = 60.0

MakeGame = Callable[..., Game]
pytestmark = pytest.mark.slow


@pytest.fixture
def make_game(database: Database) -> Iterator[MakeGame]:
    """Sets up a game; whatever happens, its processes end with the test."""
    games: list[Game] = []

    def make(seed: int, **options: object) -> Game:
        games.append(Game(database, seed, **options))
        return games[-1]

    yield make
    for game in games:
        game.end()


def _seed() -> int:
    seed = int(os.environ.get("SHANGMEN_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}: repeat with SHANGMEN_SEED={seed}")
    return seed


def test_nothing_is_lost_or_doubled_when_site_and_worker_are_killed_again_and_again(make_game: MakeGame) -> None:
    game = make_game(_seed())
    game.begin()

    kills = game.kill_at_random(KILLS, KILLS * SECONDS_A_KILL_MAX)
    finished = game.let_finish(FINISH_SECONDS_MAX)

    found = count(game.database, game.book)
    book = game.book
    print(
        f"{kills} kills ({game.site.kills} site, {game.worker.kills} worker): {len(book.sent)} forms, "
        f"{len(book.acknowledged)} acknowledged, {book.resent} sent again, answers {book.statuses}"
    )
    assert game.failures == []
    assert found.is_right, found
    assert finished
    assert set(book.statuses) <= {303, 409}, "somebody was told something else than “done” or “another was faster”"
    assert kills == KILLS
    assert len(book.acknowledged) > KILLS / 4, "too little was done to say anything"


def _start_a_case_on_a_site_that_dies_before_it_answers(game: Game) -> None:
    """One person, one form: its site commits and dies; the next one gets the same form again."""
    person = game.people[0]
    person.log_in()
    successor = threading.Thread(target=game.replace_site_when_it_dies)
    successor.start()
    person.start_case()
    successor.join()
    assert game.book.resent == 1
    assert game.book.acknowledged == {"start-0"}


def test_a_form_whose_site_dies_after_the_commit_has_one_effect(make_game: MakeGame) -> None:
    game = make_game(_seed(), dies_after=1)

    _start_a_case_on_a_site_that_dies_before_it_answers(game)

    found = count(game.database, game.book)
    assert (found.lost, found.doubled) == ((), ())
    assert game.running() == 1


def test_without_the_number_of_the_form_the_count_finds_its_doubled_effect(make_game: MakeGame) -> None:
    game = make_game(_seed(), dies_after=1, guard=False)

    _start_a_case_on_a_site_that_dies_before_it_answers(game)

    assert count(game.database, game.book).doubled == ("start-0",)
    assert game.running() == 2
