"""Whom identity asks: the insurance portal."""
