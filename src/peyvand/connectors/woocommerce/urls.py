"""Addresses of the WooCommerce connector, in the console."""

from django.urls import path

from peyvand.connectors.woocommerce import views

app_name = "woocommerce"
urlpatterns = [
    path("settings/woocommerce/", views.settings, name="settings"),
    path("settings/woocommerce/remove/", views.remove, name="remove"),
]
