"""Addresses of the import of labels; included by labels/urls.py."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
