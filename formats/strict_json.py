"""JSON from strangers: nothing that a database, a number column or the next parser could stumble over."""

import json
import math
import re
from typing import Any, Final, NoReturn

from formats.limits import MAX_FILE_BYTES, MAX_FILE_DEPTH
from formats.records import FormatError

_MAX_INTEGER_DIGITS: Final = 18
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def parse_json(
    content: bytes,
    *,
    max_bytes: int = MAX_FILE_BYTES,
    max_depth: int = MAX_FILE_DEPTH,
    any_number: bool = False,
) -> Any:
    """The value of a JSON file. Raises FormatError, with a sentence, for anything that is not clean JSON.

    Refused besides broken syntax: NaN and Infinity, numbers beyond a float or of more than 18 digits, NUL and
    half characters in text, too many bytes, too deep nesting. With ``any_number`` numbers are taken as they are
    (NaN, infinite, endless): for files that are compared, where one bad number spoils one label only.
    """
    if len(content) > max_bytes:
        raise FormatError(f"The file has {_size(len(content))}; at most {_size(max_bytes)} are allowed.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError("The file is not text in UTF-8.") from None
    try:
        if any_number:
            value = json.loads(text, parse_int=_any_int)
        else:
            value = json.loads(text, parse_constant=_refuse_constant, parse_float=_float, parse_int=_int)
    except RecursionError:
        raise FormatError(f"The JSON is nested too deeply; {max_depth} levels are allowed.") from None
    except json.JSONDecodeError as error:
        raise FormatError(
            f"The file is not valid JSON: {_reason(error)} in line {error.lineno}, column {error.colno}."
        ) from None
    _check_tree(value, max_depth, look_at_text=_SUSPICIOUS.search(content) is not None)
    return value


def _check_tree(root: object, max_depth: int, *, look_at_text: bool) -> None:
    """Walk without recursion: depth, and text that not every database can store."""
    level: list[object] = [root]
    depth = 0
    while level:
        if look_at_text:
            for value in level:
                for text in (value, *value) if isinstance(value, dict) else (value,):
                    if isinstance(text, str) and not _is_storable(text):
                        raise FormatError("The file has a NUL or half a character in one of its texts.")
        containers = [value for value in level if isinstance(value, dict | list)]
        depth += bool(containers)
        if depth > max_depth:
            raise FormatError(f"The JSON is nested too deeply; {max_depth} levels are allowed.")
        level = []
        for container in containers:
            children = container.values() if isinstance(container, dict) else container
            level.extend(children if look_at_text else [c for c in children if isinstance(c, dict | list)])


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_constant(name: str) -> NoReturn:
    raise FormatError(f"The file contains {name}, which is not a number that can be stored.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FormatError(f"The file contains the number {text[:40]}, which is too large.")
    return value


def _int(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS:
        raise FormatError(f"The file contains a whole number of {len(text.lstrip('-'))} digits.")
    return int(text)


def _any_int(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_INTEGER_DIGITS else float(text)


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[0].lower() + error.msg[1:]


def _size(byte_count: int) -> str:
    return f"{byte_count / 1_048_576:.1f} MB"
