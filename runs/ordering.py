"""The rows that an order begins with, before anything has happened to them. `lifecycle.start` writes them."""

from runs import prompts
from runs.brief import BriefSpec, PicturePlan
from runs.comfyui.workflow import TEXT_TO_IMAGE
from runs.models import Generation, Run, Workflow


def builtin_workflow() -> Workflow:
    """The row of the graph that ships with the studio."""
    row, _ = Workflow.objects.get_or_create(
        workspace=None,
        name=TEXT_TO_IMAGE.name,
        version=TEXT_TO_IMAGE.version,
        defaults={"definition": TEXT_TO_IMAGE.to_json()},
    )
    return row


def waiting(run: Run, spec: BriefSpec, picture: PicturePlan) -> Generation:
    width, height = run.workflow.graph.size_for(picture.shape.aspect, spec.picture.pixels)
    return Generation(
        run=run,
        workspace_id=run.workspace_id,
        product=picture.product,
        look=picture.look,
        shape=picture.shape,
        variation=picture.variation,
        seed=picture.seed,
        width=width,
        height=height,
        positive=prompts.positive(spec, picture),
        negative=prompts.negative(spec, picture),
    )
