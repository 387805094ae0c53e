from django.db import migrations, models


def first_notes(apps, _schema_editor):
    note = apps.get_model("notes", "Note")
    note.objects.bulk_create([note(text="Tar the keel"), note(text="Mend the jib")])


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=200)),
                ("written", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(first_notes, migrations.RunPython.noop),
    ]
