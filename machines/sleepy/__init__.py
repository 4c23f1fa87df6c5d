"""Machines that sleep until somebody calls: what Fly's proxy does, on this machine."""
