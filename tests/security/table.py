"""Who may ask what: one row for each address, by hand from the specification, never from the code's own tables.

A row says for each method who passes the door. What happens to the others follows from the row's door:

    everybody()   anonymous people too
    person()      whoever is logged in; anonymous people are sent to the log-in page
    org()         members of the organisation; outsiders find nothing (404), other members may not (403)
    qa()          people with a role in the manual-QA project; everybody else finds nothing
    training()    people with a role in the training project; everybody else finds nothing

`absent` names people who have a role, but must not know that this thing exists (404). `ids` says which thing stands
for a parameter of the address, `body` what is posted (values that name a thing are replaced by its identifier). An
address that serves several kinds of things has a row for each, told apart by `of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

People = frozenset[str]


def people(*names: "str | People") -> People:
    """A set of people from names and sets of names."""
    return frozenset().union(*({name} if isinstance(name, str) else name for name in names))


# The organisation (spec/organisation.md).
OWNER = people("owner", "chief")
ORG_LEADS = people(OWNER, "org_admin")
CREATORS = people(ORG_LEADS, "creator")

# Manual QA (spec/manual_qa.md section 2).
QA_ADMIN = people("qa_admin", "chief")
QA_LEADS = people(QA_ADMIN, "qa_manager")
QA_ANNOTATORS = people("qa_annotator", "qa_both")
QA_REVIEWERS = people("qa_reviewer", "qa_both")
QA = people(QA_LEADS, QA_ANNOTATORS, QA_REVIEWERS)

# Training (spec/training.md section 7).
T_ADMIN = people("t_admin", "chief")
T_LEADS = people(T_ADMIN, "t_manager")
TRAINEES = people("trainee", "rival")
TRAINING = people(T_LEADS, TRAINEES)

MEMBERS = people(CREATORS, "member", QA, TRAINING)
OUTSIDERS = people("outsider", "ex_member")
LOGGED_IN = people(MEMBERS, OUTSIDERS)
ANONYMOUS = people("anonymous")
ALL = people(LOGGED_IN, ANONYMOUS)
NOBODY = people()


class Door(Enum):
    """Who may know that the address leads anywhere."""

    EVERYBODY = ALL
    PERSON = LOGGED_IN
    ORGANISATION = MEMBERS
    MANUAL_QA = QA
    TRAINING = TRAINING


@dataclass(frozen=True)
class Row:
    """One address: its door, who passes with which method, and what stands for its parameters."""

    name: str
    door: Door
    methods: Mapping[str, People]
    absent: People = NOBODY
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    # Methods beside GET and POST that Django's own views answer.
    also: Mapping[str, People] = field(default_factory=dict)
    # A GET that writes, and why that is right; empty for all others.
    writes_on_get: str = ""
    # Why a foreign identifier may answer otherwise than an absent one; empty for all others.
    foreign_differs: str = ""

    @property
    def key(self) -> str:
        """The name of the row."""
        return f"{self.name} ({self.of})" if self.of else self.name


def _row(door: Door, name: str, get: People | None, post: People | None, more: Mapping[str, object]) -> Row:
    methods = {method: who for method, who in (("GET", get), ("POST", post)) if who is not None}
    return Row(name, door, methods, **more)  # type: ignore[arg-type]


def everybody(name: str, get: People | None = None, post: People | None = None, **more: object) -> Row:
    """A page before the log-in."""
    return _row(Door.EVERYBODY, name, get, post, more)


def person(name: str, get: People | None = None, post: People | None = None, **more: object) -> Row:
    """A page of one's own, of no organisation."""
    return _row(Door.PERSON, name, get, post, more)


def org(name: str, get: People | None = None, post: People | None = None, **more: object) -> Row:
    """A page of the organisation."""
    return _row(Door.ORGANISATION, name, get, post, more)


def qa(name: str, get: People | None = None, post: People | None = None, **more: object) -> Row:
    """A page of the manual-QA project."""
    return _row(Door.MANUAL_QA, name, get, post, more)


def training(name: str, get: People | None = None, post: People | None = None, **more: object) -> Row:
    """A page of the training project."""
    return _row(Door.TRAINING, name, get, post, {"ids": {}, **more})


# Django's form views take PUT for POST; it needs the same token and does the same.
PUT = {"PUT": ALL}
# Django's log-in and reset pages answer some people (logged in already, link gone) before they look at the method.
ANY_METHOD = {"PUT": ALL, "PATCH": ALL, "DELETE": ALL}
HELD, FREE, IN_REVIEW = {"task_id": "held"}, {"task_id": "free"}, {"task_id": "in_review"}
OPEN_COPY, SUBMITTED_COPY = {"task_id": "open_copy"}, {"task_id": "submitted_copy"}
NOT_THE_HOLDER = people("qa_reviewer", "qa_both")
HELD_REVIEW, FREE_REVIEW = {"task_id": "held_review"}, {"task_id": "free_review"}
NO_REVIEW_OF_THEIRS = people("qa_annotator", "qa_both")
RIVAL = people("rival")
DRAFTS_OWNER = people("creator")
OTHER_CREATORS = CREATORS - DRAFTS_OWNER
MADE_BY_THE_PAGE = "the page makes the id of a new draft, so the first save of an unknown one creates it"

ROWS: tuple[Row, ...] = (
    # ---------------------------------------------------------------- before and beside an organisation
    everybody("healthz", get=ALL),
    everybody("accounts:login", get=ALL, post=ALL, also=ANY_METHOD),
    everybody("accounts:logout", post=ALL),
    everybody("accounts:session", get=ALL),
    everybody("accounts:invitation", get=ALL, post=ALL),
    everybody("accounts:password_reset", get=ALL, post=ALL, also=PUT),
    everybody("accounts:password_reset_sent", get=ALL),
    everybody("accounts:password_reset_confirm", get=ALL, post=ALL, also=ANY_METHOD),
    everybody("accounts:password_reset_done", get=ALL),
    everybody("accounts:gallery", get=ALL),
    person("accounts:home", get=LOGGED_IN),
    person("accounts:account", get=LOGGED_IN, post=LOGGED_IN),
    person("accounts:password", post=LOGGED_IN),
    person("accounts:theme", post=LOGGED_IN),
    # ---------------------------------------------------------------- people of the organisation
    org("accounts:members", get=ORG_LEADS),
    org("accounts:member", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:may_create", post=ORG_LEADS),
    org("accounts:remove_member", post=ORG_LEADS),
    org("accounts:groups", get=ORG_LEADS),
    org("accounts:new_group", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:group", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:add_to_group", post=ORG_LEADS),
    org("accounts:remove_from_group", post=ORG_LEADS),
    org("accounts:delete_group", post=ORG_LEADS),
    org("accounts:invitations", get=ORG_LEADS),
    org("accounts:invite", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:renew_invitation", post=ORG_LEADS),
    org("accounts:revoke_invitation", post=ORG_LEADS),
    org("accounts:settings", get=ORG_LEADS, post=OWNER),
    org("accounts:tags", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:tag", get=ORG_LEADS, post=ORG_LEADS),
    org("accounts:delete_tag", post=ORG_LEADS),
    org("accounts:audit", get=ORG_LEADS),
    # ---------------------------------------------------------------- jobs: one's own, and those of what one leads
    org("jobs:list", get=MEMBERS),
    org("jobs:job", get=ORG_LEADS, absent=MEMBERS - ORG_LEADS),
    org("jobs:job", get=ORG_LEADS | {"qa_admin"}, absent=MEMBERS, ids={"job_id": "own_job"}, of="one's own"),
    org("jobs:job", get=T_LEADS, absent=MEMBERS, ids={"job_id": "recalculation"}, of="training"),
    org("jobs:job", get=QA_LEADS, absent=MEMBERS, ids={"job_id": "import_of_labels"}, of="manual QA"),
    org("jobs:retry", post=ORG_LEADS, absent=MEMBERS - ORG_LEADS, ids={"job_id": "failed_job"}),
    org(
        "jobs:retry",
        post=T_ADMIN,
        absent=MEMBERS - T_LEADS,
        ids={"job_id": "recalculation"},
        of="re-calculation",
    ),
    org("jobs:retry", post=T_LEADS, absent=MEMBERS - T_LEADS, ids={"job_id": "cloning"}, of="cloning"),
    org(
        "jobs:retry",
        post=QA_ADMIN,
        absent=MEMBERS - QA_LEADS,
        ids={"job_id": "import_of_labels"},
        of="import",
    ),
    # ---------------------------------------------------------------- ontologies and data: who may create
    org("ontologies:list", get=CREATORS),
    org("ontologies:new", get=CREATORS, post=CREATORS),
    org("ontologies:import", get=CREATORS, post=CREATORS),
    org("ontologies:ontology", get=CREATORS),
    org("ontologies:edit", get=CREATORS, post=CREATORS),
    org("ontologies:export", get=CREATORS),
    org("ontologies:delete", post=CREATORS),
    org("datasets:list", get=CREATORS),
    org("datasets:new", get=CREATORS, post=CREATORS),
    org("datasets:dataset", get=CREATORS),
    org("datasets:edit", get=CREATORS, post=CREATORS),
    org("datasets:upload_to_dataset", post=CREATORS),
    org("datasets:finish_in_dataset", post=CREATORS),
    org("datasets:remove", post=CREATORS),
    org("datasets:delete", post=CREATORS, ids={"dataset_id": "unused_dataset"}),
    org("datasets:files", get=CREATORS),
    org("datasets:upload", post=CREATORS),
    org("datasets:finish", post=CREATORS),
    org("datasets:add_to_dataset", post=CREATORS, body={"dataset": "dataset", "file": "file"}),
    org("datasets:new_folder", post=CREATORS),
    org("datasets:delete_folder", post=CREATORS),
    org("datasets:file", get=CREATORS),
    org("datasets:rename_file", post=CREATORS),
    org("datasets:delete_file", post=CREATORS),
    org("datasets:retry", post=CREATORS),
    # A picture is for who manages data, and for who works with it; nobody else may know of it.
    org("datasets:image", get=CREATORS, absent=MEMBERS - CREATORS),
    org("datasets:thumbnail", get=CREATORS, absent=MEMBERS - CREATORS),
    org("datasets:image", get=CREATORS | QA, absent=MEMBERS, ids={"file_id": "qa_file"}, of="manual QA"),
    org("datasets:thumbnail", get=CREATORS | QA, absent=MEMBERS, ids={"file_id": "qa_file"}, of="manual QA"),
    org(
        "datasets:image", get=CREATORS | TRAINING, absent=MEMBERS, ids={"file_id": "gold_file"}, of="training"
    ),
    org(
        "datasets:thumbnail",
        get=CREATORS | TRAINING,
        absent=MEMBERS,
        ids={"file_id": "gold_file"},
        of="training",
    ),
    *(
        row
        for name in ("datasets:frame", "datasets:status")
        for row in (
            org(name, get=CREATORS, absent=MEMBERS - CREATORS),
            org(name, get=CREATORS | QA, absent=MEMBERS, ids={"file_id": "qa_file"}, of="manual QA"),
            org(name, get=CREATORS | TRAINING, absent=MEMBERS, ids={"file_id": "gold_file"}, of="training"),
        )
    ),
    org("datasets:pixels", get=CREATORS, absent=MEMBERS - CREATORS, ids={"file_id": "dicom_file"}),
    # ---------------------------------------------------------------- projects
    org("projects:manual_qa", get=MEMBERS),
    org("projects:new_manual_qa", get=CREATORS, post=CREATORS),
    org("projects:join", post=ORG_LEADS),
    qa("projects:instructions", get=QA),
    qa("projects:instructions_pdf", get=QA),
    qa("projects:team", get=QA_LEADS),
    qa("projects:team_add", post=QA_LEADS),
    qa("projects:team_invite", post=QA_LEADS),
    qa("projects:team_add_group", post=QA_LEADS),
    qa("projects:team_remove_group", post=QA_LEADS),
    qa("projects:team_change", post=QA_LEADS, ids={"user_id": "qa_annotator"}),
    qa("projects:team_remove", post=QA_LEADS, ids={"user_id": "qa_annotator"}),
    qa("projects:team_leave", post=QA),
    qa("projects:settings", get=QA_ADMIN, post=QA_ADMIN),
    qa("projects:settings_instructions", get=QA_ADMIN, post=QA_ADMIN),
    qa("projects:settings_ontology", get=QA_ADMIN),
    qa("projects:settings_datasets", get=QA_ADMIN),
    qa("projects:settings_attach", post=QA_ADMIN, body={"dataset": "unused_dataset"}),
    qa("projects:settings_detach", post=QA_ADMIN),
    qa("projects:settings_danger", get=QA_ADMIN, post=QA_ADMIN),
    # ---------------------------------------------------------------- labels of the manual-QA project
    qa("labels:summary", get=QA),
    qa("labels:start", get=QA_LEADS | QA_ANNOTATORS, post=QA_LEADS | QA_ANNOTATORS),
    qa("labels:queue", get=QA),
    qa("labels:activity", get=QA),
    qa("labels:data", get=QA_LEADS),
    qa("labels:move_tasks", post=QA_LEADS, body={"action": "release", "task": "held"}),
    qa("labels:imports", get=QA_ADMIN, post=QA_ADMIN),
    qa("labels:import_report", get=QA_ADMIN, post=QA_ADMIN),
    qa("labels:discard_import", post=QA_ADMIN, ids={"report_id": "waiting_report"}),
    qa("labels:initiate", post=QA_LEADS | QA_ANNOTATORS, absent=NOBODY, ids=FREE),
    qa("labels:annotate", get=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:view", get=QA_LEADS, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:correct", get=QA_LEADS, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:save_correction", post=QA_LEADS, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:history", get=QA_LEADS, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:document", get=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:save", post=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:submit", post=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:skip", post=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids=HELD),
    qa("labels:approve", post=QA_LEADS | QA_REVIEWERS, ids=IN_REVIEW),
    org("labels:editor_settings", post=MEMBERS),
    # ---------------------------------------------------------------- reviews
    qa("reviews:start", get=QA_LEADS | QA_REVIEWERS, post=QA_LEADS | QA_REVIEWERS),
    qa("reviews:quality", get=QA_LEADS, post=QA_ADMIN, body={"part": "reasons"}),
    qa("reviews:review", get=QA_LEADS | {"qa_reviewer"}, absent=NO_REVIEW_OF_THEIRS, ids=HELD_REVIEW),
    qa("reviews:initiate", post=QA_LEADS | QA_REVIEWERS, absent=people("qa_annotator"), ids=FREE_REVIEW),
    qa("reviews:of_task", get=QA, ids=IN_REVIEW),
    qa("reviews:judge", post=QA_LEADS | {"qa_reviewer"}, absent=NO_REVIEW_OF_THEIRS, ids=HELD_REVIEW),
    qa("reviews:missing", post=QA_LEADS | {"qa_reviewer"}, absent=NO_REVIEW_OF_THEIRS, ids=HELD_REVIEW),
    qa("reviews:save", post=QA_LEADS | {"qa_reviewer"}, absent=NO_REVIEW_OF_THEIRS, ids=HELD_REVIEW),
    qa("reviews:resolve", post=QA_LEADS | {"qa_annotator"}, absent=NOT_THE_HOLDER, ids={"issue_id": "issue"}),
    # ---------------------------------------------------------------- training: the project
    org("benchmarks:projects", get=MEMBERS),
    org("benchmarks:wizard", get=CREATORS),
    org(
        "benchmarks:wizard_step",
        get=DRAFTS_OWNER,
        post=DRAFTS_OWNER,
        absent=OTHER_CREATORS,
        foreign_differs=MADE_BY_THE_PAGE,
    ),
    org(
        "benchmarks:wizard_autosave",
        post=DRAFTS_OWNER,
        absent=OTHER_CREATORS,
        foreign_differs=MADE_BY_THE_PAGE,
    ),
    org("benchmarks:wizard_pdf", post=DRAFTS_OWNER, absent=OTHER_CREATORS, foreign_differs=MADE_BY_THE_PAGE),
    org("benchmarks:wizard_create", post=DRAFTS_OWNER, absent=OTHER_CREATORS),
    org("benchmarks:wizard_discard", post=DRAFTS_OWNER, absent=OTHER_CREATORS),
    training("benchmarks:project_row", get=TRAINING),
    training("benchmarks:overview", get=TRAINING),
    training("benchmarks:queue", get=TRAINING),
    training("benchmarks:move_copies", post=T_LEADS),
    training("benchmarks:activity", get=T_LEADS),
    training("benchmarks:retry_evaluation", post=T_LEADS, ids=SUBMITTED_COPY),
    training("benchmarks:grant_retake", post=T_LEADS, ids=SUBMITTED_COPY),
    training("benchmarks:data", get=T_LEADS),
    training("benchmarks:recalculation", get=T_LEADS),
    training("benchmarks:recalculate", post=T_ADMIN),
    training("benchmarks:retry_failed", post=T_LEADS),
    training("benchmarks:clone", get=T_LEADS),
    training("benchmarks:retry_clone", post=T_LEADS),
    training("benchmarks:labels_csv", get=T_LEADS),
    training("benchmarks:reasons_csv", get=T_LEADS),
    training("benchmarks:annotators_csv", get=T_LEADS),
    training(
        "benchmarks:submissions",
        get=T_LEADS,
        writes_on_get="the random sample is drawn once for a filter and kept, so that a reload shows the same rows",
    ),
    training("benchmarks:draw_again", post=T_LEADS),
    training("benchmarks:settings", get=T_ADMIN),
    training("benchmarks:settings_describe", post=T_ADMIN),
    training("benchmarks:settings_feedback", post=T_ADMIN),
    training("benchmarks:settings_instructions", post=T_ADMIN),
    training("benchmarks:gold", get=T_ADMIN),
    training("benchmarks:danger", get=T_ADMIN, post=T_ADMIN),
    training("benchmarks:function", get=T_LEADS),
    training("benchmarks:function_edit", get=T_ADMIN, post=T_ADMIN),
    training("benchmarks:function_preview", post=T_ADMIN),
    training("benchmarks:function_compare", get=T_LEADS, query={"a": "1", "b": "1"}),
    training("benchmarks:function_restore", post=T_ADMIN),
    # ---------------------------------------------------------------- training: one copy
    training("benchmarks:start", get=TRAINEES),
    training("benchmarks:annotate", get={"trainee"}, absent=RIVAL, ids=OPEN_COPY),
    training("benchmarks:initiate", post={"trainee"}, absent=RIVAL, ids=OPEN_COPY),
    training("benchmarks:compare", get=T_LEADS, absent=RIVAL, ids=SUBMITTED_COPY),
    # The exam's feedback level is "none": not even its own trainee sees a result.
    training("benchmarks:result", get=NOBODY, absent=RIVAL, ids=SUBMITTED_COPY),
    # ---------------------------------------------------------------- what both kinds of projects share
    training("projects:instructions", get=TRAINING, of="training"),
    training("projects:instructions_pdf", get=TRAINING, of="training"),
    training("projects:team", get=T_LEADS, of="training"),
    training("projects:team_add", post=T_LEADS, of="training"),
    training("projects:team_invite", post=T_LEADS, of="training"),
    training("projects:team_add_group", post=T_LEADS, of="training"),
    training("projects:team_remove_group", post=T_ADMIN, of="training"),
    training("projects:team_change", post=T_ADMIN, ids={"user_id": "trainee"}, of="training"),
    training("projects:team_remove", post=T_ADMIN, ids={"user_id": "trainee"}, of="training"),
    training("projects:team_leave", post=TRAINING, of="training"),
    # ---------------------------------------------------------------- a training copy at the editor's addresses
    training("labels:document", get=T_LEADS | {"trainee"}, absent=RIVAL, ids=OPEN_COPY, of="copy"),
    training("labels:save", post={"trainee"}, absent=RIVAL, ids=OPEN_COPY, of="copy"),
    training("labels:submit", post={"trainee"}, absent=RIVAL, ids=OPEN_COPY, of="copy"),
    training("labels:skip", post={"trainee"}, absent=RIVAL, ids=OPEN_COPY, of="copy"),
    training("labels:approve", post=NOBODY, absent=RIVAL, ids=SUBMITTED_COPY, of="copy"),
    training("labels:document", get=T_LEADS, absent=RIVAL, ids=SUBMITTED_COPY, of="submitted copy"),
    # ---------------------------------------------------------------- manual-QA pages know no training project
    *(
        training(name, **{method: NOBODY}, absent=TRAINING, of="training")
        for name, method in (
            ("projects:settings", "get"),
            ("projects:settings_instructions", "get"),
            ("projects:settings_ontology", "get"),
            ("projects:settings_datasets", "get"),
            ("projects:settings_attach", "post"),
            ("projects:settings_detach", "post"),
            ("projects:settings_danger", "get"),
            ("labels:summary", "get"),
            ("labels:start", "get"),
            ("labels:queue", "get"),
            ("labels:activity", "get"),
            ("labels:data", "get"),
            ("labels:move_tasks", "post"),
            ("labels:imports", "get"),
        )
    ),
    *(
        training(name, **{method: NOBODY}, absent=TRAINING, ids=OPEN_COPY, of="copy")
        for name, method in (
            ("labels:initiate", "post"),
            ("labels:annotate", "get"),
            ("labels:view", "get"),
            ("labels:history", "get"),
        )
    ),
)
