"""Which test shows which defect: every row of the two evaluations of the library has one, and every test a row.

The rows: the four blockers, all rows of the table of constructs that are marked as bugs (B) or silently ignored (S),
the defects S1 to S12 of the comparison with other engines, and what else was found on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

import pytest

from tests.runtime import test_defect_details as details
from tests.runtime import test_defects as defects

Rows = Mapping[str, tuple[Callable[..., None], ...]]

BLOCKERS: Rows = {
    "blocker 1: a parallel join in a loop": (defects.test_blocker_1_a_parallel_join_in_a_loop_fires_early,),
    "blocker 2: a thousand steps deep": (defects.test_blocker_2_after_a_thousand_steps_a_case_says_it_is_complete,),
    "blocker 3: data shared by moments": (defects.test_blocker_3_data_of_earlier_moments_are_changed_in_place,),
    "blocker 4: typename": (defects.test_blocker_4_a_form_value_called_typename_bricks_the_case,),
}

TABLE: Rows = {
    "B one message, two catchers": (defects.test_one_message_reaches_every_catcher,),
    "B boundary event, message or escalation, that does not interrupt": (
        defects.test_a_boundary_message_that_does_not_interrupt_can_come_only_once,
        details.test_an_escalation_that_does_not_interrupt_can_come_only_once,
    ),
    "S signal end event": (defects.test_s5_a_signal_end_event_throws_nothing,),
    "B error scoping": (defects.test_an_error_is_caught_by_a_sibling,),
    "B uncaught error": (defects.test_an_error_that_nobody_handles_is_taken_for_success,),
    "S link events": (defects.test_s5_a_link_ends_the_case,),
    "S compensation and isForCompensation": (
        defects.test_s5_compensation_does_nothing,
        details.test_thrown_compensation_is_taken_for_an_event_without_meaning,
        details.test_an_activity_for_compensation_is_lost_from_the_process,
    ),
    "B exclusive gateway": (defects.test_moving_a_shape_changes_the_outcome,),
    "B parallel join in a loop": (defects.test_blocker_1_a_parallel_join_in_a_loop_fires_early,),
    "B inclusive join in a loop": (defects.test_an_inclusive_join_in_a_loop_fires_after_the_first_branch,),
    "B event-based gateway with two timers": (defects.test_two_timers_after_a_gateway_share_one_time,),
    "S condition on a flow that leaves a task": (defects.test_s5_a_condition_on_a_flow_out_of_a_task_is_ignored,),
    "B event subprocess, interrupting": (defects.test_an_interrupting_event_subprocess_interrupts_nothing,),
    "B event subprocess, error or escalation": (
        defects.test_s3_error_handlers_run_with_nothing_thrown,
        details.test_handlers_of_every_thrown_kind_run_with_nothing_thrown,
    ),
    "B event subprocess, timer": (defects.test_an_event_subprocess_with_a_timer_keeps_the_case_open,),
    "B event subprocess in a subprocess": (defects.test_an_event_subprocess_inside_a_subprocess_is_never_begun,),
    "B ad hoc": (
        defects.test_s9_ad_hoc_work_without_a_condition_cannot_run,
        details.test_ad_hoc_work_needs_a_data_object_to_be_run,
        details.test_the_order_of_ad_hoc_work_is_ignored,
        details.test_whether_ad_hoc_work_left_over_is_taken_away_is_ignored,
    ),
    "B multi-instance: order of outputs": (details.test_results_of_parallel_items_come_in_the_order_of_completion,),
    "B multi-instance: sequential without output": (
        details.test_the_second_of_items_one_by_one_fails_when_nothing_is_collected,
    ),
    "B multi-instance: cardinality and an output that exists": (
        details.test_a_number_of_times_and_a_list_that_exists_is_a_mistake_of_the_library,
    ),
    "B data reference that leads nowhere": (defects.test_a_reference_to_data_that_is_not_there_hangs_the_reader,),
}

PEERS: Rows = {
    "S1": (defects.test_s1_flows_without_an_id_are_dropped,),
    "S2": (defects.test_s2_elements_called_start_and_end_collide_with_its_own,),
    "S3": (
        defects.test_s3_error_handlers_run_with_nothing_thrown,
        details.test_handlers_of_every_thrown_kind_run_with_nothing_thrown,
    ),
    "S4": (
        defects.test_s4_an_interrupting_boundary_event_comes_after_what_it_interrupts,
        details.test_an_interrupting_boundary_event_of_either_kind_interrupts_at_once,
    ),
    "S5": (
        defects.test_s5_a_signal_end_event_throws_nothing,
        defects.test_s5_a_link_ends_the_case,
        defects.test_s5_a_condition_on_a_flow_out_of_a_task_is_ignored,
        defects.test_s5_compensation_does_nothing,
        details.test_thrown_compensation_is_taken_for_an_event_without_meaning,
    ),
    "S6": (
        defects.test_s6_a_missing_reference_is_a_type_error,
        details.test_a_missing_reference_of_any_kind_is_told_in_words,
        details.test_two_decisions_in_one_file_cannot_be_read,
    ),
    "S7": (details.test_a_caught_error_is_still_reported_as_unhandled,),
    "S8": (defects.test_s8_a_plain_task_waits_for_a_person,),
    "S9": (
        defects.test_s9_ad_hoc_work_without_a_condition_cannot_run,
        details.test_the_order_of_ad_hoc_work_is_ignored,
    ),
    "S10": (
        defects.test_s10_a_subprocess_without_start_or_end_cannot_be_read,
        details.test_a_data_store_blocks_the_whole_file,
        details.test_a_call_that_names_nothing_blocks_the_whole_file,
    ),
    "S11": (details.test_the_cost_of_a_step_and_the_saved_state_grow_with_every_step,),
    "S12": (
        defects.test_s12_a_negative_number_of_rounds_is_accepted,
        details.test_a_negative_number_of_items_is_taken_for_none,
        details.test_quantities_of_tokens_are_ignored,
        details.test_a_process_that_does_not_say_it_can_run_runs,
    ),
}

BESIDE: Rows = {
    "two runs of one case differ": (defects.test_two_runs_of_the_same_case_differ,),
    "expressions reach the machine": (defects.test_expressions_of_the_bare_library_reach_the_machine,),
}


def defined(module: ModuleType) -> set[str]:
    return {name for name in vars(module) if name.startswith("test_")}


def strays(rows: Rows, found: set[str]) -> set[str]:
    """The tests that no row names."""
    return found - {test.__name__ for tests in rows.values() for test in tests}


@pytest.mark.parametrize(("rows", "count"), [(BLOCKERS, 4), (TABLE, 21), (PEERS, 12)])
def test_every_row_has_a_test(rows: Rows, count: int) -> None:
    assert len(rows) == count
    assert [row for row, tests in rows.items() if not tests] == []


def test_the_numbers_have_no_gap() -> None:
    assert list(PEERS) == [f"S{number}" for number in range(1, 13)]
    assert [row.split(":")[0] for row in BLOCKERS] == [f"blocker {number}" for number in range(1, 5)]


def test_every_test_of_a_defect_has_a_row() -> None:
    found = defined(defects) | defined(details)
    assert strays({**BLOCKERS, **TABLE, **PEERS, **BESIDE}, found) == set()
    assert strays({**BLOCKERS, **TABLE, **PEERS}, found) == {tests[0].__name__ for tests in BESIDE.values()}
