"""What GitHub runs: tests, deployments, what the clock asks for, releases."""
