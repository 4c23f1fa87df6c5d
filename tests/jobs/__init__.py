"""Tests of what the clock asks for."""
