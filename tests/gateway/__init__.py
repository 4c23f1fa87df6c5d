"""The gateway, alone and in the whole chain."""
