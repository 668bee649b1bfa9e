"""Routes of signing up, in and out: allauth's, less its page of several addresses (an account has one)."""

from __future__ import annotations

from allauth.account.urls import urlpatterns as allauth_routes
from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    # allauth links here by name, so the name stays.
    path("email/", RedirectView.as_view(url="/"), name="account_email"),
    *(route for route in allauth_routes if route.name != "account_email"),
]
