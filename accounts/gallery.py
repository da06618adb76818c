"""Every component of the design system on one page, with invented figures; only with DEBUG or in tests."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import organisation_for
from accounts.listing import Choice, Filter, Listing
from accounts.models import Membership
from accounts.states import CHIPS, OUTCOMES, VERDICTS

PEOPLE = ["Amara Okafor", "Zofia Nowak", "Jonas Lindqvist", "Ewa Kowalczyk", "Priya Raman", "Leila Haddad"]
CLASSES = [
    ("Red blood cell", "#0072B2"),
    ("White blood cell", "#D55E00"),
    ("Platelet", "#009E73"),
    ("Smear quality", "#7a5aa6"),
]
HISTOGRAM = [
    (67.5, 0, 0, 0),
    (70, 0, 0, 1),
    (72.5, 0, 0, 1),
    (75, 0, 2, 1),
    (77.5, 0, 4, 0),
    (80, 0, 1, 0),
    (82.5, 3, 1, 0),
    (85, 5, 0, 0),
    (87.5, 2, 0, 0),
    (90, 1, 0, 0),
]
INTERVALS = [
    (95.3, 93.4, 97.0, "pass"),
    (92.6, 89.8, 94.9, "pass"),
    (87.3, 82.4, 91.2, "pass"),
    (83.9, 80.8, 86.8, "open"),
    (82.6, 78.8, 86.1, "open"),
    (75.2, 71.9, 78.4, "fail"),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(help_text="Shown in lists and to annotators.")
    description = forms.CharField(required=False, widget=forms.Textarea)
    weight = forms.IntegerField(min_value=0, initial="many")
    kind = forms.ChoiceField(choices=[("exam", "Exam"), ("practice", "Practice")])
    feedback = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[("none", "Nothing"), ("score", "Score of finished tasks")],
        initial="score",
    )
    shuffle = forms.BooleanField(
        required=False, help_text="Each annotator gets the tasks in their own order."
    )


@login_not_required
@require_GET
def gallery_view(request: HttpRequest) -> HttpResponse:
    """The gallery; `?errors=1` opens the form with errors. Somebody with an organisation sees it in their shell."""
    if request.user.is_authenticated:
        membership = Membership.objects.filter(user=request.user, ended_at=None).first()
        if membership:
            organisation_for(request, membership.organisation.slug)
    if "job" in request.GET:
        done = min(int(request.GET["job"]), 12_000)
        return render(request, "accounts/_gallery_job.html", {"done": done, "poll_url": f"?job={done + 900}"})
    now = timezone.now()
    rows = [
        {
            "name": name,
            "done": 40 - 4 * index,
            "earned": 117_073 - 4_211 * index,
            "available": 122_830,
            "change": round(0.6 - 0.3 * index, 1),
            "interval": INTERVALS[index],
            "at": now - timedelta(minutes=7 * 5**index),
            "file": f"BloodImage_{index:05d}_stain_A_microscope_2_room_temperature_left_half.jpg",
            "state": list(CHIPS)[index],
        }
        for index, name in enumerate(PEOPLE)
    ]
    listing = Listing(
        request.GET,
        sorts={"name": ["name"], "score": ["score"]},
        default_sort="-score",
        filters=[
            Filter(
                "verdict",
                "Verdict",
                [Choice("pass", "Pass", 13), Choice("open", "Open", 8), Choice("fail", "Fail", 3)],
            ),
            Filter(
                "group",
                "Group",
                [Choice("c7", "Cohort 7", 24), Choice("c6", "Cohort 6", 19)],
                icon="users-group",
            ),
            Filter(
                "state",
                "State",
                [Choice("queued", "Queued", 20, "queued"), Choice("assigned", "Assigned", 7, "assigned")],
                inline=True,
            ),
        ],
        per_page=4,
        search_placeholder="Search name or group",
    )
    shown = listing.page(rows)
    form = (
        SampleForm({"weight": "many", "kind": "exam", "feedback": "score"})
        if "errors" in request.GET
        else SampleForm()
    )
    context: dict[str, Any] = {
        "rows": shown,
        "listing": listing,
        "form": form,
        "chips": [key for key in CHIPS if key != "unknown"],
        "outcomes": list(OUTCOMES),
        "verdicts": list(VERDICTS),
        "people": PEOPLE,
        "classes": CLASSES,
        "heat": [(name, color, [98, 96, 91, 87, 84, 79, 73, 66, 58, None]) for name, color in CLASSES],
        "heat_heads": ["AO", "ZN", "JL", "GN", "YS", "OB", "NP", "MT", "EK", "PR"],
        "histogram": HISTOGRAM,
        "now": now,
        "yesterday": now - timedelta(days=1),
        "tabs": [
            {"label": "Summary", "url": "?", "current": True},
            {"label": "Labels", "url": "?x=1", "current": False, "count": 40},
            {"label": "Settings", "url": "?x=2", "current": False},
        ],
        "segments": [
            {"label": "All", "url": "?", "current": True, "count": 617},
            {"label": "Matched", "url": "?x=1", "current": False, "count": 541},
            {"label": "Missing", "url": "?x=2", "current": False, "count": 44},
        ],
        "crumbs": [{"label": "Projects", "url": "?"}, {"label": "Training", "url": "?"}],
        "sections": [
            {"label": "General", "url": "?", "current": False},
            {"label": "Benchmark scoring function", "url": "?x=1", "current": True},
            {"label": "Danger zone", "url": "?x=2", "current": False},
        ],
        "tags": [{"name": "hematology"}, {"name": "cohort 7"}],
    }
    template = "accounts/_gallery_rows.html" if request.htmx else "accounts/gallery.html"  # type: ignore[attr-defined]
    return render(request, template, context)
