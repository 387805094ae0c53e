from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guest", models.CharField(max_length=60)),
                ("words", models.TextField()),
                ("written", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
