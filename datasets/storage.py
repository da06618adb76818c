"""Where the bytes of files lie: private storage under names that we make; titles never reach it."""

from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from datasets.pictures import Picture

ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Keys:
    """Names in the storage of one file's original, display version and thumbnail."""

    original: str
    display: str
    thumbnail: str


def store_picture(organisation: UUID, file: UUID, content: bytes, picture: Picture) -> Keys:
    """Write the three versions. What was written is removed again when a later write fails."""
    folder = f"organisations/{organisation}/files/{file}"
    versions = {
        "original": (f"{folder}/original", content),
        "display": (f"{folder}/display.{ENDINGS[picture.display_type]}", picture.display),
        "thumbnail": (f"{folder}/thumbnail.jpg", picture.thumbnail),
    }
    written: dict[str, str] = {}
    try:
        for version, (name, data) in versions.items():
            written[version] = default_storage.save(name, ContentFile(data))
    except Exception:
        remove_stored(*written.values())
        raise
    return Keys(**written)


def remove_stored(*keys: str) -> None:
    """Delete from the storage; what is not there is fine."""
    for key in keys:
        default_storage.delete(key)
