from django.db import connection
from django.http import HttpResponse, JsonResponse

from .models import Signal


def health(_request):
    connection.ensure_connection()
    return HttpResponse("ok")


def newest(_request):
    signals = Signal.objects.values("sender", "text", "sent")[:20]
    return JsonResponse({"signals": list(signals)})
