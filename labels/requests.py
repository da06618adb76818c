"""The editor's JSON bodies: read strictly, with the path of what is wrong."""

import json
import math
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from formats import MAX_DOCUMENT_DEPTH, FormatError, Problem, parse_json
from labels.errors import (
    AlreadySubmitted,
    InvalidLabels,
    MissingAnswers,
    NotYours,
    StaleRevision,
    UnresolvedIssues,
)
from projects.workflow import IllegalMove, StaleTask

MAX_BODY_BYTES: Final = 20 * 1024 * 1024
MAX_INTEGER_DIGITS: Final = 18
View = Callable[..., HttpResponse]


class BodyTooLarge(Exception):
    """More bytes than a body may have."""


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object. Raises BodyTooLarge, or InvalidLabels with the path of what is not clean JSON."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise BodyTooLarge
    try:
        body = parse_json(request.body, max_bytes=MAX_BODY_BYTES, max_depth=MAX_DOCUMENT_DEPTH)
    except FormatError as error:
        raise InvalidLabels([Problem(_path_of_trouble(request.body), str(error))]) from None
    if not isinstance(body, dict):
        raise InvalidLabels([Problem("", "The body must be a JSON object.")])
    return body


def change_in(body: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a change; absent parts are no change, a wrong type is refused with its path."""
    revision = body.get("revision")
    if type(revision) is not int:
        raise InvalidLabels([Problem("revision", "This must be a whole number.")])
    return {
        "revision": revision,
        "upserts": body.get("upserts", {}),
        "deletes": body.get("deletes", {}),
    }


def _path_of_trouble(content: bytes) -> str:
    """Where in a refused body the number or text stands that cannot be stored; empty when that is not the reason."""
    try:
        value = json.loads(content, parse_int=_readable_int)
    except (ValueError, RecursionError):
        return ""
    return next((path for path, leaf in _leaves(value) if _is_unstorable(leaf)), "")


def _readable_int(text: str) -> int | float:
    return int(text) if len(text) <= MAX_INTEGER_DIGITS else math.inf


def _is_unstorable(leaf: object) -> bool:
    if isinstance(leaf, float):
        return not math.isfinite(leaf)
    return isinstance(leaf, str) and any(
        character == "\0" or "\ud800" <= character <= "\udfff" for character in leaf
    )


def _leaves(root: object) -> Iterator[tuple[str, object]]:
    """Every leaf with its path such as `upserts.labels[0].geometry.x`; keys count as leaves of their holder."""
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            yield from ((path, key) for key in value)
            waiting += [(f"{path}.{key}" if path else str(key), child) for key, child in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{index}]", child) for index, child in enumerate(value)]
        else:
            yield path, value


def editor_endpoint(view: View) -> View:
    """Answer every refusal in JSON, as the editor expects it; also for an expired session and a foreign task."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _refusal(401, "login", login_url=reverse("accounts:login"))
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return _refusal(404, "not_found", message="There is no such task, or it is not yours any more.")
        except PermissionDenied:
            return _refusal(403, "not_allowed", message="Your role does not allow this.")
        except BodyTooLarge:
            size = MAX_BODY_BYTES // 1024 // 1024
            return _refusal(413, "too_large", message=f"At most {size} MB can be sent at once.")
        except InvalidLabels as error:
            return _refusal(422, "invalid", problems=[problem.as_json() for problem in error.problems])
        except MissingAnswers as error:
            return _refusal(
                422, "required", message=str(error), problems=[one.as_json() for one in error.problems]
            )
        except UnresolvedIssues as error:
            return _refusal(422, "unresolved", message=str(error), count=error.count)
        except StaleRevision as error:
            return _refusal(
                409,
                "stale",
                message=str(error),
                revision=error.revision,
                document=error.document,
                by=error.by,
                at=error.at.isoformat(),
            )
        except AlreadySubmitted as error:
            at = error.at.isoformat() if error.at else None
            return _refusal(409, "already_submitted", at=at, message=str(error))
        except NotYours as error:
            return _refusal(409, "not_yours", message=str(error))
        except (IllegalMove, StaleTask) as error:
            message = (
                str(error) if isinstance(error, IllegalMove) else "The task was changed in the meantime."
            )
            return _refusal(409, "not_yours", message=message)

    # Django's log-in middleware would answer with a redirect to a page, which a script cannot use.
    return login_not_required(answered)


def _refusal(status: int, error: str, **details: Any) -> JsonResponse:
    return JsonResponse({"error": error, **details}, status=status)
