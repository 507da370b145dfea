"""A case as one file that proves itself, in a browser without network and with ``shangmen check-dossier``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.commands.reading import note_dossier
from engine.connectors.keys import log_verifier
from engine.history import dossier_check, hashing
from engine.history.dossier_check import FIRST_PERSONAL
from engine.history.events import DossierMade
from engine.history.seal import digest
from engine.queries.audit import Film
from engine.queries.dossier import dossier
from engine.queries.readings import readings_of
from web import access
from web.assets_build import read_manifest
from web.audit.moments import Reel, cut
from web.audit.pages import audit
from web.audit.readers import Look, lines, without_names
from web.language import N_, gettext, translate
from web.purpose import of_this_look
from web.transaction import now, perform, platform, reader

TEXTS: Final = (
    N_("Checking …"),
    N_("Whole: %(facts)s facts, their seals, %(values)s personal values and %(files)s files were computed again."),
    N_("NOT WHOLE. The first wrong item is %(place)s: %(reason)s"),
    N_("the seal does not fit"),
    N_("a personal value does not match its digest"),
    N_("a personal value is missing, and no erasure is recorded"),
    N_("it is not the fact that was committed under the signed head"),
    N_("the file is not the one that was published"),
    N_("the paper or file was changed"),
    N_("the paper or file is missing"),
    N_("the facts break off or are out of order"),
    N_("its signature is not of this key"),
    N_("the row of the film does not belong to its fact"),
    N_("The signature of the head is valid. Compare its key with the one you were given: %(key)s"),
    N_("This browser cannot check the signature of the head (Ed25519). Use the program for it."),
    N_("Some facts are not yet under a signed head: their seals alone protect them."),
    N_("There is no signed head, or no key to check it with."),
    N_("This browser cannot compute digests here. Use the program."),
    N_("this is no signed head"),
    N_("the newest head does not continue it"),
)
"""What the file's own script says, in the language of the file."""


@audit.get("/cases/<instance_id>/dossier")
def take_dossier(instance_id: str) -> ResponseReturnValue:
    """The dossier of a case; ``?variant=full`` with personal values, else masked; ``purpose`` is recorded."""
    actor = access.actor()
    masked = request.args.get("variant") != "full"
    verifier = log_verifier(Path(access.settings().data_folder))
    made = dossier(reader(), platform().known, actor, instance_id, masked=masked, verifier=verifier)
    readings = readings_of(reader(), instance_id)
    told = lines(readings, made.film.definition)
    looks = without_names(told, readings) if masked else told
    content = _as_file(made.data, _withheld(made.film) if masked else cut(made.film), made.film, looks)
    number = made.film.case.number  # of a masked one: its random id
    words, why = request.args.get("purpose", "").strip(), of_this_look()
    note = DossierMade(instance_id, number, digest(content), masked, words, why.key)
    perform(lambda uow: note_dossier(uow, note), actor)
    response = Response(content, mimetype="text/html")
    name = quote(f"{number}{'-masked' if masked else ''}.html", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@audit.get("/check-dossier.py")
def program() -> ResponseReturnValue:
    """The single program that checks a dossier: for everybody, also for those without an account."""
    response = Response(Path(dossier_check.__file__).read_bytes(), mimetype="text/x-python")
    response.headers["Content-Disposition"] = "attachment; filename=check-dossier.py"
    return response


def _as_file(data: Any, reel: Reel, film: Any, looks: list[Look]) -> bytes:
    """The page, and after it the digest of all its bytes."""
    page = render_template(
        "audit/dossier.html",
        film=film,
        reel=reel,
        last=len(reel.moments),
        made_at=now(),
        masked=data["masked"],
        head=data["checkpoint"],
        looks=looks,
        data=_embedded(data),
        texts=_embedded({text: translate(text) for text in TEXTS} | {"personal": FIRST_PERSONAL}),
        sheet=_sheet(),
    )
    content = page.rstrip("\n").encode() + b"\n"
    return content + f"<!-- {hashing.suite()}:{digest(content)} -->\n".encode()


def _embedded(data: Any) -> Markup:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no sign of HTML is left in it


def _sheet() -> Markup:
    """The style sheets of the pages, so that the file needs nothing from elsewhere."""
    folder = Path(current_app.static_folder or "")
    files = [folder / "app.css"]
    if built := read_manifest().get("diagram.css"):
        files.append(folder / "dist" / built["file"])
    return Markup("\n".join(file.read_text("utf-8") for file in files))  # noqa: S704 - our own files


def _withheld(film: Film) -> Reel:
    """In a masked dossier a missing value was left out, not erased; and people are not named."""
    people = {user for fact in film.facts for user in (*fact.persons, getattr(fact.event, "user", ""))}
    nobody = dict.fromkeys(people - film.names.keys(), gettext("a person"))
    reel = cut(replace(film, names={**film.names, **nobody}))
    moments = []
    for moment in reel.moments:
        line = moment.line
        text = line.text.replace(gettext("(erased)"), gettext("(withheld)"))
        moments.append(replace(moment, line=replace(line, text=text, erased=False)))
    return replace(reel, moments=tuple(moments))
