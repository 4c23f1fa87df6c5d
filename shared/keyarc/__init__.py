"""KA1, KeyArc's end-to-end encryption, and the client that is built on it."""
