"""Recipes that join core, mail and store: each decision carried out in one transaction."""
