from django.http import JsonResponse

from .models import Entry


def healthz(_request):
    return JsonResponse({"entries": Entry.objects.count()})


def entries(_request):
    newest = Entry.objects.order_by("-written")[:10]
    return JsonResponse({"entries": [{"guest": e.guest, "words": e.words} for e in newest]})
