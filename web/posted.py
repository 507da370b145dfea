"""What a form posted, as the engine takes it: texts by field, files by field, our own fields taken away."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import FileStorage

from engine.errors import Conflict, FieldProblem, Invalid, NotFound, Rejected
from forms.uploads import Upload

Raw = dict[str, list[str]]
Files = dict[str, list[Upload]]


def posted_texts() -> Raw:
    """Every posted text by field key. Names that begin with an underscore are the page's own."""
    return {key: values for key, values in request.form.lists() if not key.startswith("_")}


def posted_files() -> Files:
    """Every posted file by field key; an empty file input posts nothing."""
    found = {
        key: [_upload(file) for file in files if file.filename]
        for key, files in request.files.lists()
        if not key.startswith("_")
    }
    return {key: uploads for key, uploads in found.items() if uploads}


def problems_of(refusal: Rejected) -> Sequence[FieldProblem]:
    """What the page says beside the form, with everything typed still in it.

    Raises the refusal again when there is no form to go back to: the work is gone, or not theirs.
    """
    if isinstance(refusal, Invalid):
        return refusal.problems
    if isinstance(refusal, NotFound | Conflict):
        raise refusal
    return (FieldProblem("", refusal.template, refusal.params),)


def _upload(file: FileStorage) -> Upload:
    return Upload(file.filename or "", file.stream.read())
