from django.urls import path

from entries import views

urlpatterns = [
    path("healthz", views.healthz),
    path("entries", views.entries),
]
