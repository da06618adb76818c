"""How states look: one word and one chip each, the same on every page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Word, chip class suffix, icon instead of the dot, and whether the state passes by itself."""

    word: str
    css: str
    icon: str = ""
    moving: bool = False


CHIPS: dict[str, Look] = {
    # tasks
    "queued": Look("Queued", "chip-queued"),
    "assigned": Look("Assigned", "chip-assigned"),
    "in_progress": Look("In progress", "chip-assigned"),
    "in_review": Look("In review", "chip-review"),
    "returned": Look("Returned", "chip-returned"),
    "completed": Look("Completed", "chip-completed"),
    "submitted": Look("Submitted", "chip-completed"),
    "skipped": Look("Skipped", "chip-queued"),
    "withdrawn": Look("Withdrawn", ""),
    # labels of a task
    "approved": Look("Approved", "chip-ok", icon="check"),
    "rejected": Look("Rejected for good", "chip-bad", icon="x"),
    "not_sampled": Look("Not sampled", ""),
    "not_submitted": Look("Not submitted", "chip-queued"),
    "deleted": Look("Deleted", ""),
    # jobs and evaluations
    "pending": Look("Waiting", "", moving=True),
    "waiting": Look("Waiting", "", moving=True),
    "running": Look("Running", "chip-review", moving=True),
    "scoring": Look("Scoring", "chip-review", moving=True),
    "scored": Look("Scored", "chip-completed"),
    "done": Look("Done", "chip-completed"),
    "failed": Look("Failed", "chip-bad", icon="alert-triangle"),
    "delayed": Look("Delayed", "chip-warn", icon="clock-exclamation"),
    # people and invitations
    "active": Look("Active", "chip-completed"),
    "invited": Look("Invited", "chip-queued"),
    "accepted": Look("Accepted", "chip-completed"),
    "expired": Look("Expired", ""),
    "revoked": Look("Revoked", ""),
    "removed": Look("Removed", ""),
    # files
    "processing": Look("Processing", "chip-review", moving=True),
    "ready": Look("Ready", "chip-ok", icon="check"),
    "refused": Look("Refused", "chip-bad", icon="x"),
    # imports of labels and their items
    "uploaded": Look("Not started", "chip-queued"),
    "created": Look("Created", "chip-ok", icon="check"),
    "partial": Look("Created in part", "chip-warn", icon="alert-triangle"),
    "unknown": Look("", ""),
}

OUTCOMES: dict[str, Look] = {
    "matched": Look("Matched", "chip-ok", icon="check"),
    "missing": Look("Missing", "chip-missing", icon="circle-dashed"),
    "wrong_category": Look("Wrong category", "chip-wrong", icon="arrows-exchange"),
    "imprecise": Look("Imprecise", "chip-warn", icon="ruler-measure"),
    "duplicate": Look("Duplicate", "chip-warn", icon="copy"),
    "extra": Look("Extra", "chip-warn", icon="plus"),
}

VERDICTS: dict[str, Look] = {
    "pass": Look("Pass", "chip-ok", icon="check"),
    "open": Look("Not enough evidence", "", icon="hourglass-empty"),
    "fail": Look("Fail", "chip-bad", icon="x"),
}
