"""Sums of scores and totals per publication, so that no page adds up every score of a project at each request.

They hold nothing that cannot be added up again from TaskScore and CriterionTotal; benchmarks/sums.py keeps them.
"""

from django.db import models

from benchmarks.models.facts import Publication
from benchmarks.models.setup import GoldItem


class AnnotatorScore(models.Model):
    """An annotator's scores in a publication, added up over the tasks that count; without a task it is no score.

    `shared_*` and `before_*` are the points under this publication and the one before over submissions that are
    scored in both: the change column.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="annotator_scores")
    annotator = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    tasks = models.IntegerField(default=0)
    earned = models.FloatField(default=0.0)
    available = models.FloatField(default=0.0)
    earned_squared = models.FloatField(default=0.0)
    available_squared = models.FloatField(default=0.0)
    product = models.FloatField(default=0.0, help_text="Sum of earned x available over tasks.")
    shared_tasks = models.IntegerField(default=0)
    shared_earned = models.FloatField(default=0.0)
    shared_available = models.FloatField(default=0.0)
    before_earned = models.FloatField(default=0.0)
    before_available = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "annotator"], name="annotator_score_once")
        ]

    def __str__(self) -> str:
        return f"{self.earned} / {self.available} in {self.tasks} tasks"


class ItemScore(models.Model):
    """The scores of all annotators in one gold item, added up over the tasks that count."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="item_scores")
    item = models.ForeignKey(GoldItem, on_delete=models.CASCADE, related_name="+")
    tasks = models.IntegerField(default=0)
    earned = models.FloatField(default=0.0)
    available = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "item"], name="item_score_once")]

    def __str__(self) -> str:
        return f"{self.earned} / {self.available} in {self.tasks} tasks"


class AnnotatorTotal(models.Model):
    """An annotator's values and counts of one criterion: with any weights they give the annotator's points."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="annotator_totals")
    annotator = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    criterion = models.CharField(max_length=60)
    value_sum = models.FloatField()
    count = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "annotator", "criterion"], name="annotator_total_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value_sum} of {self.count}"
