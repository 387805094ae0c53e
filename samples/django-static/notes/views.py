from django.http import HttpResponse
from django.shortcuts import render

from .models import Note


def index(request):
    return render(request, "notes/index.html", {"notes": Note.objects.order_by("text")})


def healthz(_request):
    return HttpResponse("ok")
