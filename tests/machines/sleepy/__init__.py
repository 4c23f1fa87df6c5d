"""Machines that sleep, behind a proxy that does as Fly's."""
