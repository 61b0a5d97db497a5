"""The HTTP shapes: what the two versions say differently is read as one thing."""

import json
from dataclasses import replace
from typing import Any

import pytest

from runs.comfyui.errors import ProtocolViolation, UnsafeName
from runs.comfyui.events import ExecutionFailed, ExecutionInterrupted
from runs.comfyui.protocol import (
    HistoryEntry,
    ImageRef,
    Job,
    JobStatus,
    NodeInfo,
    Outcome,
    PromptAccepted,
    PromptRefusal,
    PromptRequest,
    Queue,
    QueueItem,
    Route,
    SystemStats,
    Uploaded,
    choices_of,
    history_path,
    images_of,
    job_cancel_path,
    parse_history,
)

from . import traces

both_versions = pytest.mark.parametrize("version", traces.VERSIONS)


def refusal(version: str, note: str) -> PromptRefusal:
    return PromptRefusal.parse(traces.noted(version, "c01", note)["json"])


@both_versions
def test_fact_21_a_refusal_names_node_input_and_value(version: str) -> None:
    (error,) = refusal(version, "checkpoint not in list").node_errors
    assert (error.node_id, error.class_type, error.type) == (
        "4",
        "CheckpointLoaderSimple",
        "value_not_in_list",
    )
    assert (error.input_name, error.received_value) == ("ckpt_name", "nope.safetensors")
    assert error.dependent_outputs == ("9",)
    assert "random-sd15.safetensors" in error.choices


@both_versions
def test_a_list_over_twenty_is_left_out_of_a_refusal(version: str) -> None:
    (error,) = refusal(version, "sampler not in list").node_errors
    assert error.choices == ()
    assert not error.names_a_file


@both_versions
def test_d14_the_missing_node_is_named_by_both_versions(version: str) -> None:
    assert refusal(version, "unknown node class").missing_node == "NoSuchNode"
    assert refusal(version, "checkpoint not in list").missing_node is None


@both_versions
def test_a_missing_model_is_told_from_other_faults(version: str) -> None:
    model = refusal(version, "checkpoint not in list").missing_model
    assert model is not None and model.received_value == "nope.safetensors"
    assert refusal(version, "sampler not in list").missing_model is None
    assert refusal(version, "value too big").missing_model is None


def test_d14_a_cycle_is_told_in_full_by_the_newer_server_and_not_at_all_by_the_older() -> None:
    old, new = refusal("0.3.64", "cycle"), refusal("0.33", "cycle")
    assert old.node_errors == ()
    assert {error.type for error in new.node_errors} == {"dependency_cycle"}
    assert new.summary == "KSampler (node 3): Dependency cycle detected: 3 (KSampler) -> 3 (KSampler)"


@both_versions
def test_fact_22_an_acceptance_can_carry_errors(version: str) -> None:
    answer = traces.noted(version, "c01", "one good and one bad output")
    accepted = PromptAccepted.parse(answer["json"])
    assert answer["status"] == 200
    assert [error.node_id for error in accepted.node_errors] == ["20"]


def test_d9_the_refusal_of_a_prompt_id_is_a_refusal() -> None:
    answers = [ask["json"] for ask in traces.trace("0.33", "n03")["http"] if ask.get("status") == 400]
    assert {PromptRefusal.parse(answer).error.type for answer in answers} == {"invalid_prompt_id"}


def test_d21_the_jobs_routes_say_their_error_as_a_plain_string() -> None:
    body = traces.noted("0.33", "n01", "status=bogus")["json"]
    assert PromptRefusal.parse(body).summary.startswith("Invalid status value(s): bogus")


def test_fact_41_what_is_not_given_is_left_out_of_a_request() -> None:
    assert PromptRequest({"1": {}}).to_json() == {"prompt": {"1": {}}}
    full = PromptRequest({"1": {}}, "p", "c", {"preview_method": "none"})
    assert PromptRequest.parse(full.to_json()) == full


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"prompt": []}, {"prompt": {}, "client_id": ["a"]}, {"prompt": {}, "extra_data": "x"}],
)
def test_a_request_that_is_not_one_is_a_violation(body: Any) -> None:
    with pytest.raises(ProtocolViolation):
        PromptRequest.parse(body)


def item(number: float, prompt_id: str) -> QueueItem:
    return QueueItem(number, prompt_id)


def test_fact_42_the_waiting_ones_stand_in_the_order_of_their_numbers() -> None:
    queue = Queue((item(0, "running"),), (item(2, "b"), item(-5, "front"), item(1, "a")))
    assert [waiting.prompt_id for waiting in queue.waiting] == ["front", "a", "b"]
    assert [queue.ahead_of(name) for name in ("front", "a", "b", "running", "x")] == [1, 2, 3, None, None]


@both_versions
def test_fact_42_the_order_we_read_is_the_order_in_which_they_ran(version: str) -> None:
    recorded = traces.trace(version, "g01")
    bodies = [ask["json"] for ask in recorded["http"] if "queue_pending" in (ask.get("json") or {})]
    waiting = max((Queue.parse(body) for body in bodies), key=lambda queue: len(queue.pending))
    expected = [item.prompt_id for item in waiting.waiting]
    messages = [event["msg"] for event in recorded["ws_events"] if isinstance(event.get("msg"), dict)]
    started = [msg["data"]["prompt_id"] for msg in messages if msg["type"] == "execution_start"]
    assert [prompt_id for prompt_id in started if prompt_id in expected] == expected
    assert [item.prompt_id for item in waiting.pending] != expected  # on the wire it is a heap


def test_fact_41_a_queue_with_a_strangers_odd_prompt_is_read() -> None:
    odd = [float("nan"), "theirs", [], None, ["9", 4]]
    queue = Queue.parse({"queue_running": [odd], "queue_pending": [["high", "x", {}, "text", []]]})
    assert queue.runs("theirs")
    assert queue.ahead_of("x") == 1


def test_fact_42_a_number_that_is_none_stands_last() -> None:
    numbers = [3, float("nan"), 1, float("inf"), 2]
    queue = Queue.parse({"queue_running": [], "queue_pending": [[n, str(n), {}, {}, []] for n in numbers]})
    assert [waiting.prompt_id for waiting in queue.waiting] == ["1", "2", "3", "nan", "inf"]


def test_fact_7_an_unknown_prompt_has_an_empty_history() -> None:
    assert parse_history({}) == {}


@both_versions
def test_fact_9_times_come_from_the_execution_messages(version: str) -> None:
    body = traces.noted(version, "a01", "after executing node=null")["json"]
    (entry,) = parse_history(body).values()
    assert entry.completed
    assert entry.started_ms is not None and entry.ended_ms is not None
    assert 0 < entry.ended_ms - entry.started_ms < 60_000


@both_versions
def test_fact_28_an_interruption_is_told_from_a_failure_by_the_last_message(version: str) -> None:
    entries = [
        entry
        for name in ("d01", "e01")
        for ask in traces.trace(version, name)["http"]
        if ask["request"]["path"].startswith("/history/") and ask["request"]["method"] == "GET"
        for entry in parse_history(ask["json"]).values()
        if entry.outcome is Outcome.ERROR
    ]
    assert {entry.interrupted for entry in entries} == {True, False}
    for entry in entries:
        assert entry.interrupted == isinstance(entry.messages[-1], ExecutionInterrupted)
        assert (entry.failure is None) == entry.interrupted


def test_d7_pictures_are_told_apart_by_node_and_those_of_the_input_folder_are_left_out() -> None:
    outputs: dict[str, Any] = {
        "2": {"images": [{"filename": "crop.png", "subfolder": "", "type": "temp"}], "animated": [False]},
        "9": {"images": [{"filename": "a.png", "subfolder": "lab/x", "type": "output", "id": "asset"}]},
        "3": {"text": ["hello"]},
        "4": {"images": [{"filename": "reference.png", "subfolder": "", "type": "input"}]},
    }
    assert images_of(outputs) == (("2", ImageRef("crop.png", "", "temp")), ("9", ImageRef("a.png", "lab/x")))


@pytest.mark.parametrize(
    "name", ["", "..", "../x.png", "a/b.png", "/a.png", "a\\b.png", "a\0.png", "a\n.png", "C:x"]
)
def test_fact_46_an_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(UnsafeName):
        ImageRef(name)


@pytest.mark.parametrize("subfolder", ["..", "a/../..", "/etc", "a\\b", "a\0", "C:/x"])
def test_fact_46_an_unsafe_folder_is_refused(subfolder: str) -> None:
    with pytest.raises(UnsafeName):
        ImageRef("a.png", subfolder)


@pytest.mark.parametrize("folder", ["input", "", "models"])
def test_pictures_come_from_the_output_and_the_temp_folder_alone(folder: str) -> None:
    with pytest.raises(UnsafeName):
        ImageRef("a.png", "", folder)


def test_an_unsafe_name_in_the_outputs_of_a_prompt_is_refused() -> None:
    with pytest.raises(UnsafeName, match="passwd"):
        images_of({"9": {"images": [{"filename": "../../etc/passwd", "subfolder": "", "type": "output"}]}})


def test_fact_44_an_upload_is_used_under_the_name_it_got() -> None:
    assert Uploaded("up (1).png").value == "up (1).png"
    assert Uploaded("up.png", "adgen").value == "adgen/up.png"


def recorded_jobs() -> list[Job]:
    asked = traces.trace("0.33", "n01")["http"]
    jobs = [ask for ask in asked if ask["request"]["path"].startswith("/api/jobs/") and ask["status"] == 200]
    return [Job.parse(ask["json"]) for ask in jobs if ask["request"]["method"] == "GET"]


def test_d20_every_status_of_a_job_was_recorded_and_is_read() -> None:
    assert {job.status for job in recorded_jobs()} == set(JobStatus)


def test_d22_an_ended_job_has_outputs_and_times_and_a_failed_one_its_error() -> None:
    jobs = {job.status: job for job in recorded_jobs()}
    assert jobs[JobStatus.PENDING].outputs is None
    assert jobs[JobStatus.COMPLETED].outputs is not None
    assert jobs[JobStatus.COMPLETED].ended_ms is not None
    assert isinstance(jobs[JobStatus.FAILED].error, ExecutionFailed)
    assert jobs[JobStatus.CANCELLED].error is None


def test_a_job_with_an_unknown_status_is_a_violation() -> None:
    with pytest.raises(ProtocolViolation, match="running"):
        Job.parse({"id": "x", "status": "running"})


@both_versions
def test_d44_choices_are_read_in_both_forms(version: str) -> None:
    described = {name: NodeInfo.parse(body) for name, body in traces.object_info(version).items()}
    assert "karras" in described["KSampler"].choices("scheduler")
    assert "karras" in described["BasicScheduler"].choices("scheduler")
    assert "dpmpp_2m" in described["KSamplerSelect"].choices("sampler_name")
    assert described["KSampler"].choices("steps") == ()
    assert described["KSampler"].choices("nothing") == ()


def test_d44_the_two_forms_are_one() -> None:
    assert choices_of([["a", "b"], {}]) == choices_of(["COMBO", {"options": ["a", "b"]}]) == ("a", "b")
    assert choices_of(["COMBO", {}]) == choices_of(None) == choices_of([]) == ()


def test_d45_an_input_of_a_newer_kind_has_no_plain_choices() -> None:
    described = {name: NodeInfo.parse(body) for name, body in traces.object_info("0.33").items()}
    assert described["ResizeImageMaskNode"].choices("resize_type") == ()
    assert described["BatchImagesNode"].choices("images") == ()


def test_d33_an_output_with_an_asset_id_is_an_output_like_any_other() -> None:
    recorded = traces.trace("0.33", "n08")["http"]
    entries = [
        entry
        for ask in recorded
        if ask["request"]["path"].startswith("/history/") and ask.get("status") == 200
        for entry in parse_history(ask["json"]).values()
    ]
    pictures = [ref for entry in entries for _, ref in images_of(entry.outputs)]
    assert pictures and all(isinstance(ref, ImageRef) for ref in pictures)


def test_d46_a_preview_is_an_output_node_even_where_it_has_an_output() -> None:
    old, new = (NodeInfo.parse(traces.object_info(version)["PreviewImage"]) for version in traces.VERSIONS)
    assert (old.outputs, new.outputs) == ((), ("IMAGE",))
    assert old.output_node and new.output_node


@both_versions
def test_d36_the_statistics_name_version_and_devices(version: str) -> None:
    stats = stats_of(version)
    assert stats.version.startswith(version)
    assert stats.devices[0].memory_total > 0
    assert not stats.simulated
    assert "argv" not in repr(stats)


def stats_of(version: str) -> SystemStats:
    asked = traces.trace(version, "a04")["http"]
    return SystemStats.parse(next(ask["json"] for ask in asked if "system_stats" in ask["request"]["path"]))


def test_a_simulator_says_so_and_nobody_else() -> None:
    real = stats_of("0.33")
    assert "simulated" not in json.dumps(real.to_json())
    assert SystemStats.parse(replace(real, simulated=True).to_json()).simulated


def test_a_history_entry_keeps_what_the_simulator_writes() -> None:
    failure = ExecutionFailed("p", "5", "KSampler", "out of memory", "RuntimeError", 7)
    entry = HistoryEntry(item(1, "p"), {"7": {"images": []}}, Outcome.ERROR, (failure,))
    assert HistoryEntry.parse(json.loads(json.dumps(entry.to_json()))) == entry
    assert (entry.prompt_id, entry.failure, entry.ended_ms) == ("p", failure, 7)


def test_fact_54_jobs_alone_need_the_api_prefix() -> None:
    assert [route for route in Route if route.startswith("/api")] == [Route.JOBS, Route.JOBS_CANCEL]


def test_an_id_cannot_lead_to_another_route() -> None:
    assert history_path("../queue?x") == "/history/..%2Fqueue%3Fx"
    assert job_cancel_path("a/b") == "/api/jobs/a%2Fb/cancel"
