"""Tests of the schema: versions, rights and checks."""
