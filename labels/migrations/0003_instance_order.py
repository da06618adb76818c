from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labels", "0002_import_findings")]

    operations = [
        migrations.AddField(model_name="instance", name="z", field=models.IntegerField(default=0)),
    ]
