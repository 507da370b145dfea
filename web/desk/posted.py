"""What a form posted, as the engine takes it: texts by field, files by field, our own fields taken away."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

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


def _upload(file: FileStorage) -> Upload:
    return Upload(file.filename or "", file.stream.read())
