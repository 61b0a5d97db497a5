"""Where is a prompt? Asked of the job list where there is one, else of the queue and then of the history."""

from runs.comfyui import prompt_state
from runs.comfyui.errors import ServerFault
from runs.comfyui.http import Http
from runs.comfyui.probing import is_object_with
from runs.comfyui.prompt_state import Absent, PromptState, Running, Waiting
from runs.comfyui.protocol import HistoryEntry, Job, Queue, Route, history_path, job_path, parse_history


async def queue(http: Http) -> Queue:
    """What runs and what waits."""
    return Queue.parse((await http.get(Route.QUEUE)).json())


async def history(http: Http, prompt_id: str) -> HistoryEntry | None:
    """The entry of an ended prompt; an empty object stands for every other (fact 7)."""
    return parse_history((await http.get(history_path(prompt_id))).json()).get(prompt_id)


async def in_jobs(http: Http, prompt_id: str) -> PromptState | None:
    """The job's state, by one question, which is safe (D26); None when the job list cannot say it."""
    try:
        answer = await http.get(job_path(prompt_id), also=(404,))
    except ServerFault:
        return None  # a poisoned job fails here, while the queue and the history go on (D13)
    if answer.status == 404:
        return Absent() if is_object_with(answer, "error") else None
    state = prompt_state.of_job(Job.parse(answer.json()))
    if isinstance(state, Waiting):
        return Waiting((await queue(http)).ahead_of(prompt_id) or 0)
    return state


async def in_queue(http: Http, prompt_id: str) -> PromptState:
    """The state by queue and history, in this order: the other way round a prompt that ends between the two
    questions is in neither and counts as lost (fact 50)."""
    now = await queue(http)
    if now.runs(prompt_id):
        return Running()
    ahead = now.ahead_of(prompt_id)
    if ahead is not None:
        return Waiting(ahead)
    entry = await history(http, prompt_id)
    return prompt_state.of_history(entry) if entry else Absent()
