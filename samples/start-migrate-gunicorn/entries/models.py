from django.db import models


class Entry(models.Model):
    guest = models.CharField(max_length=60)
    words = models.TextField()
    written = models.DateTimeField(auto_now_add=True)
