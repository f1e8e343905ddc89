"""Fetching official statistics from SCB's PxWebApi 2, or from files downloaded by hand."""
