from django.db import migrations


def welcome(apps, _editor):
    apps.get_model("entries", "Entry").objects.create(guest="The house", words="Welcome, please write something")


class Migration(migrations.Migration):
    dependencies = [("entries", "0001_initial")]

    operations = [migrations.RunPython(welcome, migrations.RunPython.noop)]
