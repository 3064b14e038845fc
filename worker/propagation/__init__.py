"""Numerical work on pictures that corrections travel along; knows no database."""
