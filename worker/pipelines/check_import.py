"""The first pass over labels and their images: a report, and nothing imported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Upload
from backend.core.uploads import service as uploads
from backend.domain.errors import InvalidInput
from backend.publishing.formats.findings import Findings
from backend.recordings.first_pass import FirstPass
from backend.recordings.payloads import CheckImportPayload
from worker.context import Finish, JobContext
from worker.pipelines.any_plan import opened_plan
from worker.pipelines.coco_plan import CocoPlan, choices_of
from worker.pipelines.first_pass_report import report_of_coco, report_of_labels
from worker.pipelines.infants_chosen import Tally

_EVERY_PEOPLE = 1000


def run(context: JobContext) -> Finish:
    """Look through the uploads of an import to be."""
    request = context.read(CheckImportPayload).request
    with context.transaction() as session:
        rows = session.scalars(select(Upload).where(Upload.id.in_(request.uploads()))).all()
        names = {upload.id: upload.filename for upload in rows}
    if missing := set(request.uploads()) - names.keys():
        raise InvalidInput(f"There is no upload {min(missing)} any more; send the file again.")
    folder = context.settings.uploads_dir
    named = {i: (name, uploads.path_of(folder, i)) for i, name in names.items()}
    choices = choices_of(request.choices)
    findings = Findings(choices.answers, refusing=False)
    with opened_plan(context, request, named, request.choices, findings) as (plan, form, _):
        tally, count = Tally(choices.unclear), 0
        if isinstance(plan, CocoPlan):
            for usual, singly in plan.blocks():
                tally.add_columns(usual)
                for _, person in singly:
                    tally.add(person.image_id, person)
                before, count = count, count + len(usual) + len(singly)
                if count // _EVERY_PEOPLE > before // _EVERY_PEOPLE:
                    _report_people(context, count)
            report = report_of_coco(plan, form, tally)
        else:
            for count, (path, people) in enumerate(plan.people(), start=1):
                for person in people:
                    tally.add(path, person)
                if count % _EVERY_PEOPLE == 0:
                    _report_people(context, count)
            report = report_of_labels(plan, tally)
    stored = FirstPass.model_dump(report, mode="json")

    def finish(_: Session) -> dict[str, Any]:
        return stored

    return finish


def _report_people(context: JobContext, count: int) -> None:
    context.check_cancelled()
    context.report(count, None, "Looking at people")
