from django.db import models


class Signal(models.Model):
    sender = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    sent = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-sent"]
