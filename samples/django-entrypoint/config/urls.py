from django.urls import path

from signals import views

urlpatterns = [
    path("health/", views.health),
    path("signals/", views.newest),
]
