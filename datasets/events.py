"""What datasets announce to higher rooms (accounts/events.py explains the channel)."""

from dataclasses import dataclass

from accounts.models import User
from datasets.models import Dataset, File


@dataclass(frozen=True)
class DataAdded:
    """Files came into a dataset, in this order; projects that have the dataset attached make tasks of them."""

    dataset: Dataset
    files: tuple[File, ...]
    actor: User | None


@dataclass(frozen=True)
class DataRemoved:
    """Files are about to leave a dataset; a handler that cannot let them go raises `datasets.operations.InUse`."""

    dataset: Dataset
    files: tuple[File, ...]
    actor: User | None
