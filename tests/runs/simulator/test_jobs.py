"""The jobs API of 0.33 (D13, D20 to D27)."""

from typing import Any

import pytest

from tests.runs.comfyui import traces

from .speaking import Talk, graph, node, tiny

NIL = "00000000-0000-0000-0000-000000000000"


async def one_of_each(talk: Talk) -> dict[str, str]:
    """A job in every status, by its status."""
    done = await talk.submit(graph(), extra_data={"extra_pnginfo": {"workflow": {"id": "wf-1"}}})
    await talk.entry(done)
    talk.simulator.fail_on("ImageInvert", "lab boom", "ValueError")
    failed = await talk.submit(
        tiny() | {"3": node("ImageInvert", image=["1", 0]), "4": node("PreviewImage", images=["3", 0])}
    )
    await talk.entry(failed)
    talk.simulator.hold()
    cancelled = await talk.submit(graph(seed=2))
    await talk.running(cancelled)
    await talk.http.post("/interrupt")
    await talk.entry(cancelled)
    running = await talk.submit(graph(seed=3))
    await talk.running(running)
    waiting = await talk.submit(graph(seed=4))
    return {
        "completed": done,
        "failed": failed,
        "cancelled": cancelled,
        "in_progress": running,
        "pending": waiting,
    }


async def test_the_list_has_all_jobs_newest_first_with_their_statuses(newer: Talk) -> None:
    ids = await one_of_each(newer)
    body = await newer.get("/api/jobs")
    assert [job["id"] for job in body["jobs"]] == [ids[status] for status in (
        "pending", "in_progress", "cancelled", "failed", "completed",
    )]  # fmt: skip
    assert {job["status"]: job["id"] for job in body["jobs"]} == ids
    assert body["pagination"] == {"offset": 0, "limit": None, "total": 5, "has_more": False}


async def test_every_job_has_the_recorded_fields(newer: Talk) -> None:
    await one_of_each(newer)
    recorded = traces.noted("0.33", "n01", "all statuses")["json"]["jobs"]
    fields = {job["status"]: job.keys() for job in recorded if "content" not in job.get("preview_output", {})}
    for job in (await newer.get("/api/jobs"))["jobs"]:
        left_out = {"preview_output"} if job["status"] == "failed" else set()  # ours has an output besides
        assert job.keys() - left_out == fields[job["status"]] - left_out, job["status"]


async def test_a_finished_job_shows_outputs_status_and_graph(newer: Talk) -> None:
    ids = await one_of_each(newer)
    for status in ("completed", "cancelled", "failed"):
        job, entry = await newer.get(f"/api/jobs/{ids[status]}"), await newer.entry(ids[status])
        assert job["outputs"] == entry["outputs"]
        assert job["execution_status"] == entry["status"]
        assert job["workflow"] == {"prompt": entry["prompt"][2], "extra_data": entry["prompt"][3]}
    assert job["execution_error"]["exception_message"] == "lab boom\n"
    for status in ("pending", "in_progress"):
        assert "outputs" not in await newer.get(f"/api/jobs/{ids[status]}")


async def test_a_preview_is_a_saved_file_before_a_temporary_one(newer: Talk) -> None:
    nodes = tiny() | {"3": node("SaveImage", images=["1", 0], filename_prefix="lab/jobs")}
    prompt_id = await newer.submit(nodes)
    await newer.entry(prompt_id)
    job = await newer.get(f"/api/jobs/{prompt_id}")
    assert (job["outputs_count"], job["previewable_outputs_count"]) == (2, 2)
    assert job["preview_output"] == {
        "filename": "jobs_00001_.png", "subfolder": "lab", "type": "output", "nodeId": "3", "mediaType": "images",
    }  # fmt: skip


async def test_a_text_is_shown_up_to_1024_characters(newer: Talk) -> None:
    prompt_id = await newer.submit({"1": node("PreviewAny", source="t" * 2000)})
    await newer.entry(prompt_id)
    job = await newer.get(f"/api/jobs/{prompt_id}")
    assert job["outputs_count"] == 0
    assert job["preview_output"] == {
        "content": "t" * 1024,
        "truncated": True,
        "nodeId": "1",
        "mediaType": "text",
    }


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ({"status": "pending"}, {"pending"}),
        ({"status": "PENDING,in_progress"}, {"pending", "in_progress"}),
        ({"status": ""}, {"pending", "in_progress", "completed", "failed", "cancelled"}),
        ({"workflow_id": "wf-1"}, {"completed"}),
        ({"workflow_id": "none"}, set()),
        ({"offset": "-3", "limit": "2"}, {"pending", "in_progress"}),
        ({"offset": "1", "limit": "1"}, {"in_progress"}),
        ({"offset": "100"}, set()),
        ({"sort_order": "asc", "limit": "1"}, {"completed"}),
    ],
)
async def test_the_list_is_filtered_sorted_and_cut(
    newer: Talk, query: dict[str, str], statuses: set[str]
) -> None:
    await one_of_each(newer)
    jobs = (await newer.get("/api/jobs", **query))["jobs"]
    assert {job["status"] for job in jobs} == statuses


async def test_a_part_of_the_list_says_whether_there_is_more(newer: Talk) -> None:
    await one_of_each(newer)
    assert (await newer.get("/api/jobs", limit=2))["pagination"] == {
        "offset": 0, "limit": 2, "total": 5, "has_more": True,
    }  # fmt: skip


async def test_jobs_can_be_sorted_by_their_duration(newer: Talk) -> None:
    await one_of_each(newer)
    jobs = (await newer.get("/api/jobs", sort_by="execution_duration"))["jobs"]
    spans = [job.get("execution_end_time", 0) - job.get("execution_start_time", 0) for job in jobs]
    assert spans == sorted(spans, reverse=True)


def refusals() -> list[Any]:
    return [
        pytest.param(ask["request"]["path"], ask["json"], id=ask["note"])
        for ask in traces.trace("0.33", "n01")["http"]
        if ask["status"] == 400
    ]


@pytest.mark.parametrize(("path", "body"), refusals())
async def test_a_bad_query_is_refused_in_the_recorded_words(
    newer: Talk, path: str, body: dict[str, str]
) -> None:
    answer = await newer.http.get(path)
    assert (answer.status_code, answer.json()) == (400, body)


@pytest.mark.parametrize("job_id", [NIL, "not-a-uuid"])
async def test_an_unknown_job_is_404(newer: Talk, job_id: str) -> None:
    answer = await newer.http.get(f"/api/jobs/{job_id}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Job not found"})


async def cancel(talk: Talk, job_id: str) -> bool:
    answer = await talk.http.post(f"/api/jobs/{job_id}/cancel")
    assert answer.status_code == 200
    return bool(answer.json()["cancelled"])


async def test_cancelling_takes_a_waiting_job_out_without_a_trace(newer: Talk) -> None:
    ids = await one_of_each(newer)
    ear = await newer.listen()
    assert await cancel(newer, ids["pending"])
    assert (await newer.http.get(f"/api/jobs/{ids['pending']}")).status_code == 404
    assert await newer.get(f"/history/{ids['pending']}") == {}
    await ear.until("status", status={"exec_info": {"queue_remaining": 1}})
    assert await ear.is_quiet()
    assert not await cancel(newer, ids["pending"])


async def test_cancelling_interrupts_the_running_job(newer: Talk) -> None:
    ids = await one_of_each(newer)
    assert await cancel(newer, ids["in_progress"])
    await newer.entry(ids["in_progress"])
    assert (await newer.get(f"/api/jobs/{ids['in_progress']}"))["status"] == "cancelled"


async def test_cancelling_what_is_not_there_changes_nothing(newer: Talk) -> None:
    ids = await one_of_each(newer)
    for job_id in (ids["completed"], NIL, "not-a-uuid"):
        assert not await cancel(newer, job_id)
    assert (await newer.get("/api/jobs"))["pagination"]["total"] == 5


async def test_several_jobs_are_cancelled_with_one_call_or_none(newer: Talk) -> None:
    ids = await one_of_each(newer)
    bad = await newer.http.post(
        "/api/jobs/cancel", json={"job_ids": [ids["pending"], "bad", 5, {"a": 1}, NIL.upper()]}
    )
    assert (bad.status_code, bad.json()) == (
        400, {"error": "job_ids contains invalid id(s)", "invalid_ids": ["bad", "5", "{'a': 1}"]},
    )  # fmt: skip
    assert (await newer.get("/api/jobs", status="pending"))["pagination"]["total"] == 1
    both = await newer.http.post(
        "/api/jobs/cancel", json={"job_ids": [ids["pending"], ids["in_progress"], NIL]}
    )
    assert both.json() == {"cancelled": True}
    none = await newer.http.post("/api/jobs/cancel", json={"job_ids": []})
    assert none.json() == {"cancelled": False}


@pytest.mark.parametrize("path", ["n02"])
async def test_a_bad_list_of_jobs_is_refused_in_the_recorded_words(newer: Talk, path: str) -> None:
    bodies = {"no job_ids": b"{}", "bad JSON": b"{", "empty body": b"", "a list body": b'["x"]'}
    for note, body in bodies.items():
        recorded = traces.noted("0.33", path, f"2: {note}")
        answer = await newer.http.post("/api/jobs/cancel", content=body)
        assert (answer.status_code, answer.json()) == (recorded["status"], recorded["json"]), note


@pytest.mark.parametrize(
    "extra",
    [{"extra_pnginfo": None}, {"extra_pnginfo": {"workflow": None}}, {"extra_pnginfo": {"workflow": []}}],
)
async def test_a_workflow_that_is_no_object_breaks_the_list_until_it_is_deleted(
    newer: Talk, extra: Any
) -> None:
    prompt_id = await newer.submit(tiny(), extra_data=extra)
    assert await newer.entry(prompt_id)
    for path in ("/api/jobs", f"/api/jobs/{prompt_id}"):
        assert (await newer.http.get(path)).status_code == 500
    await newer.http.post("/history", json={"delete": [prompt_id]})
    assert (await newer.http.get("/api/jobs")).status_code == 200


async def test_an_id_used_twice_is_listed_twice(newer: Talk) -> None:
    newer.simulator.hold()
    for colour in (1, 2):
        await newer.submit(tiny(colour), prompt_id=NIL)
    await newer.running()
    assert [job["id"] for job in (await newer.get("/api/jobs"))["jobs"]] == [NIL, NIL]


async def test_after_a_restart_no_job_is_known(newer: Talk) -> None:
    ids = await one_of_each(newer)
    await newer.simulator.restart_empty()
    assert (await newer.get("/api/jobs"))["jobs"] == []
    assert (await newer.http.get(f"/api/jobs/{ids['completed']}")).status_code == 404
